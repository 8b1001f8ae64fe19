import { isPrimary, type PackagedFile } from './package-files';
import { listedRequires, relations, type Relation } from './relations';
import type { RpmHeader } from './rpm-header';
import { RELATION_TAGS, TAG, type RelationKind } from './rpm-tags';
import { parseEvr } from './rpm-version';

/** The three indices of a repository. */
export const INDEX_KINDS = ['primary', 'filelists', 'other'] as const;

export type IndexKind = (typeof INDEX_KINDS)[number];

/** Between the parts of a fragment: a character that XML cannot contain. */
const SEPARATOR = '\f';
/** Entries of a changelog in an index, as createrepo_c has them. */
const CHANGELOG_LENGTH = 10;
const RELATION_KINDS = Object.keys(RELATION_TAGS) as RelationKind[];

/** What the indices say of a package besides what is in its header. */
export interface PublishedRpm {
  header: RpmHeader;
  files: readonly PackagedFile[];
  name: string;
  /** `src` for a source. */
  architecture: string;
  sha256: string;
  /** Bytes. */
  size: number;
  archiveSize: number;
  headerRange: { start: number; end: number };
  /** Seconds since the epoch. */
  modified: number;
  /** Relative to the repository. */
  location: string;
}

/** A package's part of the three indices, one after the other. */
export function formatFragment(rpm: PublishedRpm): string {
  return [primary(rpm), filelists(rpm), other(rpm)].join(SEPARATOR);
}

/** The parts of a fragment in the order of `INDEX_KINDS`. */
export function fragmentParts(fragment: string): string[] {
  return fragment.split(SEPARATOR);
}

function primary(rpm: PublishedRpm): string {
  const { header, headerRange } = rpm;
  const text = (tag: number) => escape(header.text(tag) ?? '');
  const number = (tag: number, wide = tag) => header.number(wide) ?? header.number(tag) ?? 0;
  return `<package type="rpm">
  <name>${escape(rpm.name)}</name>
  <arch>${escape(rpm.architecture)}</arch>
  ${versionElement(header)}
  <checksum type="sha256" pkgid="YES">${rpm.sha256}</checksum>
  <summary>${text(TAG.summary)}</summary>
  <description>${text(TAG.description)}</description>
  <packager>${text(TAG.packager)}</packager>
  <url>${text(TAG.url)}</url>
  <time file="${rpm.modified}" build="${number(TAG.buildTime)}"/>
  <size package="${rpm.size}" installed="${number(TAG.size, TAG.longSize)}" archive="${rpm.archiveSize}"/>
  <location href="${escape(rpm.location)}"/>
  <format>
    <rpm:license>${text(TAG.license)}</rpm:license>
    <rpm:vendor>${text(TAG.vendor)}</rpm:vendor>
    <rpm:group>${text(TAG.group)}</rpm:group>
    <rpm:buildhost>${text(TAG.buildHost)}</rpm:buildhost>
    <rpm:sourcerpm>${text(TAG.sourceRpm)}</rpm:sourcerpm>
    <rpm:header-range start="${headerRange.start}" end="${headerRange.end}"/>
${relationElements(rpm)}${fileElements(rpm.files.filter(({ path }) => isPrimary(path)))}  </format>
</package>
`;
}

function filelists(rpm: PublishedRpm): string {
  return `${packageElement(rpm)}${fileElements(rpm.files)}</package>\n`;
}

function other(rpm: PublishedRpm): string {
  return `${packageElement(rpm)}${changelogElements(rpm.header)}</package>\n`;
}

function packageElement({ sha256, name, architecture, header }: PublishedRpm): string {
  return `<package pkgid="${sha256}" name="${escape(name)}" arch="${escape(architecture)}">\n  ${versionElement(header)}\n`;
}

function versionElement(header: RpmHeader): string {
  const epoch = header.number(TAG.epoch) ?? 0;
  const [version, release] = [header.text(TAG.version) ?? '', header.text(TAG.release) ?? ''];
  return `<version epoch="${epoch}" ver="${escape(version)}" rel="${escape(release)}"/>`;
}

function relationElements({ header, files }: PublishedRpm): string {
  const paths = new Set(files.map(({ path }) => path));
  const elements: string[] = [];
  for (const kind of RELATION_KINDS) {
    const listed = kind === 'requires' ? listedRequires(header, paths) : relations(header, kind);
    if (listed.length === 0) continue;
    const isRequires = kind === 'requires';
    elements.push(
      `    <rpm:${kind}>\n`,
      ...listed.map((relation) => relationElement(relation, isRequires)),
      `    </rpm:${kind}>\n`,
    );
  }
  return elements.join('');
}

function relationElement({ name, operator, version, pre }: Relation, isRequires: boolean): string {
  const attributes = [`name="${escape(name)}"`];
  if (operator !== undefined) {
    const evr = parseEvr(version);
    attributes.push(
      `flags="${operator}"`,
      `epoch="${escape(evr.epoch)}"`,
      `ver="${escape(evr.version)}"`,
    );
    if (evr.release !== '') attributes.push(`rel="${escape(evr.release)}"`);
  }
  if (pre && isRequires) attributes.push('pre="1"');
  return `      <rpm:entry ${attributes.join(' ')}/>\n`;
}

function fileElements(files: readonly PackagedFile[]): string {
  return files
    .map(({ path, type, isGhost }) => {
      const attribute = type === 'd' ? ' type="dir"' : isGhost ? ' type="ghost"' : '';
      return `  <file${attribute}>${escape(path)}</file>\n`;
    })
    .join('');
}

/** The newest entries, oldest first; clients tell entries by their times, so those of one differ. */
function changelogElements(header: RpmHeader): string {
  const authors = header.texts(TAG.changelogName);
  const texts = header.texts(TAG.changelogText);
  const elements: string[] = [];
  let last = -Infinity;
  for (const [at, time] of [...header.numbers(TAG.changelogTime).entries()]
    .slice(0, CHANGELOG_LENGTH)
    .reverse()) {
    last = Math.max(time, last + 1);
    const author = (authors[at] ?? '').replace(/ +$/, '');
    elements.push(
      `  <changelog author="${escape(author)}" date="${last}">${escape(texts[at] ?? '')}</changelog>\n`,
    );
  }
  return elements.join('');
}

const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};

/** For elements and attributes; what XML 1.0 cannot say at all is left out. */
function escape(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => ESCAPED[character] ?? '').replace(FORBIDDEN, '');
}

// eslint-disable-next-line no-control-regex -- these are what it is about
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
