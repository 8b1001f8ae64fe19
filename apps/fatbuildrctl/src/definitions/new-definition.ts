import { lstat, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkArtifactName } from '@fatbuildr/artifacts';
import { checkDefinition, type FormatDefinition } from '@fatbuildr/builds';
import { FORMAT_DEFINITIONS } from '@fatbuildr/formats';
import { unknownChoice } from '../command-line/usage.errors';
import { isThere, noVersion, refusedDefinition } from './definitions.errors';

export interface NewDefinition {
  artifact: string;
  /** Absolute path of the folder that gets the definition's. */
  parent: string;
  /** Names; without any, the first that is known. */
  formats: readonly string[];
  /** URL of upstream's archive; `undefined`: local sources. */
  source: string | undefined;
  version: string | undefined;
  author: { name: string; email: string };
}

/** Of local sources, until they say otherwise. */
const FIRST_VERSION = '0.1';
/** `NAME-1.0.tar.gz`, `v1.0.zip` */
const VERSION_OF_ARCHIVE =
  /(?:^|[-_])v?(\d[A-Za-z0-9.+~]*?)(?:\.orig)?\.(?:tar\.\w+|t[gbx]z2?|zip)$/;

/**
 * Makes a definition that builds what has a `make install`; all of it, or nothing.
 *
 * @returns its folder, and its files
 * @throws FatbuildrError `ARTIFACT.BAD_NAME`, `USAGE.WRONG`, `DEFINITIONS.EXISTS`, `DEFINITIONS.REFUSED`
 */
export async function makeDefinition(
  request: NewDefinition,
): Promise<{ folder: string; files: string[] }> {
  const { artifact, parent } = request;
  const folder = join(parent, checkArtifactName(artifact));
  const files = filesOf(request);
  if (await lstat(folder).catch(() => undefined)) throw isThere(folder);
  await mkdir(parent, { recursive: true });
  const scratch = await mkdtemp(join(parent, `.${artifact}-`));
  try {
    const made = join(scratch, 'new');
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(made, name)), { recursive: true });
      await writeFile(join(made, name), content, {
        mode: content.startsWith('#!') ? 0o755 : 0o644,
      });
    }
    await requireFaultless(made, artifact, scratch);
    // A folder that has come in between is not replaced, unless it is empty.
    await rename(made, folder).catch((fault: NodeJS.ErrnoException) => {
      throw ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(fault.code ?? '') ? isThere(folder) : fault;
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return { folder, files: Object.keys(files) };
}

function filesOf({ artifact, formats: names, source, version: given, author }: NewDefinition) {
  const known = FORMAT_DEFINITIONS.map(({ name }) => name);
  const chosen = names.length === 0 ? known.slice(0, 1) : [...new Set(names)];
  const formats = chosen.map((name) => {
    const format = FORMAT_DEFINITIONS.find((one) => one.name === name);
    if (format === undefined) throw unknownChoice('format', name, known);
    return format;
  });
  const version =
    given ?? (source === undefined ? FIRST_VERSION : VERSION_OF_ARCHIVE.exec(source)?.[1]);
  if (version === undefined) throw noVersion(source!);
  const url = source?.includes('{{') ? source : source?.replaceAll(version, '{{ version }}');
  const maintainer = `${author.name} <${author.email}>`;
  const homepage = url && `${url.split('{{')[0]!.replace(/[^/]*$/, '')}`;
  return {
    'artifact.yml': artifactFile(artifact, url, version, formats),
    ...Object.assign({}, ...formats.map((one) => one.skeleton({ artifact, maintainer, homepage }))),
  } as Record<string, string>;
}

function artifactFile(
  artifact: string,
  url: string | undefined,
  version: string,
  formats: readonly FormatDefinition[],
): string {
  const origin =
    url === undefined
      ? `# Built of a local folder: fatbuildrctl build -a ${artifact} --sources DIR\n`
      : `# After a new version: fatbuildrctl checksum ${artifact}\nsource: ${quoted(url)}\n`;
  const sections = formats.map(({ name, defaultRelease }) =>
    defaultRelease === undefined ? `${name}:\n  release: 1\n` : `${name}: {}\n`,
  );
  return `${origin}version: ${quoted(version)}\n${sections.join('')}`;
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** By the checks of everything that is built. */
async function requireFaultless(folder: string, artifact: string, scratch: string): Promise<void> {
  const check = { formats: FORMAT_DEFINITIONS, targets: [], scratch: join(scratch, 'check') };
  const found = await checkDefinition({ folder, artifact, ...check });
  const fault = found.find(({ severity }) => severity === 'error');
  if (fault === undefined) return;
  const place = [fault.file, fault.key].filter(Boolean).join(': ');
  throw refusedDefinition(place, fault.message);
}
