import type { ChangelogEntry } from '@fatbuildr/protocol';
import type { FileDigests, PackageRecord } from '@fatbuildr/registries';
import { packagedFiles } from './package-files';
import { formatFragment } from './package-xml';
import type { RpmFile } from './rpm-file';
import type { RpmHeader } from './rpm-header';
import { TAG } from './rpm-tags';

/** The architecture of sources, and of packages for every machine. */
export const SOURCE = 'src';
export const NOARCH = 'noarch';

/** Who a package is, as its header says. */
export interface RpmIdentity {
  name: string;
  /** Without epoch, as in the name of its file. */
  versionRelease: string;
  /** `epoch:version-release`, without an epoch of 0. */
  version: string;
  architecture: string;
  source: string;
  sourceVersion: string;
}

/** @throws Error when a part is missing or could not be part of a file's name */
export function identify(header: RpmHeader): RpmIdentity {
  const name = required(header, TAG.name, 'name');
  const versionRelease = `${required(header, TAG.version, 'version')}-${required(header, TAG.release, 'release')}`;
  const epoch = header.number(TAG.epoch) ?? 0;
  const withEpoch = (text: string) => (epoch === 0 ? text : `${epoch}:${text}`);
  const version = withEpoch(versionRelease);
  const sourceRpm = header.text(TAG.sourceRpm);
  if (sourceRpm === undefined || header.number(TAG.sourcePackage) !== undefined) {
    const source = { source: name, sourceVersion: version };
    return { name, versionRelease, version, architecture: SOURCE, ...source };
  }
  const [, source, sourceVersion] = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(sourceRpm) ?? [];
  if (source === undefined || sourceVersion === undefined) {
    throw new Error(`"${sourceRpm}" is not the name of a source package`);
  }
  return {
    name,
    versionRelease,
    version,
    architecture: required(header, TAG.architecture, 'architecture'),
    source,
    // The name of a source has no epoch; binaries have that of their source.
    sourceVersion: withEpoch(sourceVersion),
  };
}

/** Folder of a derivative in which packages of an architecture are. */
export function architectureFolder(architecture: string): string {
  return architecture === SOURCE ? 'source' : architecture;
}

export function rpmFileName({ name, versionRelease, architecture }: RpmIdentity): string {
  return `${name}-${versionRelease}.${architecture}.rpm`;
}

/**
 * @param from absolute path; @param place folder of the derivative, relative to the registry's
 * @throws Error when the header is damaged
 */
export function rpmRecord(
  rpm: RpmFile,
  { from, place, digests }: { from: string; place: string; digests: FileDigests },
  maxEntries: number,
): PackageRecord {
  const { header } = rpm;
  const identity = identify(header);
  const { name, architecture, version, source, sourceVersion } = identity;
  const files = packagedFiles(header, maxEntries);
  const file = rpmFileName(identity);
  return {
    name,
    architecture,
    version,
    source,
    sourceVersion,
    changelog: changelogOf(header),
    content: files.map(({ path, type, size }) => ({ path, type, size })),
    fragment: formatFragment({
      header,
      files,
      name,
      architecture,
      sha256: digests.sha256,
      size: digests.size,
      archiveSize: rpm.archiveSize,
      headerRange: rpm.headerRange,
      modified: Math.floor(rpm.modified / 1000),
      location: architecture === NOARCH ? `${NOARCH_LINK}/${file}` : `Packages/${file}`,
    }),
    files: [
      { from, path: `${place}/${architectureFolder(architecture)}/Packages/${file}`, ...digests },
    ],
  };
}

/** In every repository of binaries, a link to the one folder of packages for every machine. */
export const NOARCH_LINK = 'Packages/noarch';

function required(header: RpmHeader, tag: number, what: string): string {
  const text = header.text(tag);
  if (text === undefined) throw new Error(`its ${what} is missing`);
  if (!/^[A-Za-z0-9_+~^][A-Za-z0-9._+~^-]*$/.test(text)) {
    throw new Error(`"${text}" cannot be its ${what}`);
  }
  return text;
}

/** Authors end in the version by convention: `Ada Lovelace <ada@acme.example> - 1.0-1`. */
export function changelogOf(header: RpmHeader): ChangelogEntry[] {
  const authors = header.texts(TAG.changelogName);
  const texts = header.texts(TAG.changelogText);
  return header.numbers(TAG.changelogTime).map((date, at) => {
    const line = (authors[at] ?? '').trim();
    const [, author = line, version = ''] = /^(.*>)\s+(?:-\s*)?(\S+)$/.exec(line) ?? [];
    return { version, author, date, changes: changesOf(texts[at] ?? '') };
  });
}

/** One for each bullet, of those that stand farthest out; further lines without the bullet's indentation. */
function changesOf(text: string): string[] {
  const indents = [...text.matchAll(/^([ \t]*)[-*+][ \t]/gm)].map(
    ([, indent = '']) => indent.length,
  );
  const indent = Math.min(...indents, MOST_INDENTED);
  return text
    .split(new RegExp(`^[ \\t]{${indent}}[-*+][ \\t]+`, 'm'))
    .map((change) => change.trim().replace(new RegExp(`^[ \\t]{1,${indent + 2}}`, 'gm'), ''))
    .filter((change) => change !== '');
}

/** Characters; deeper bullets are text. */
const MOST_INDENTED = 16;
