import type { Artifact, ChangelogEntry, ContentMember, RegistryPlace } from '@fatbuildr/protocol';
import { localTime, printable, readableSize, table } from '../terminal/table';
import type { Colors } from '../terminal/terminal';

export function artifactsTable(artifacts: readonly Artifact[], colors: Colors): string {
  if (artifacts.length === 0) return 'No artifact.';
  const rows = artifacts.map(({ name, architecture, version, size }) => [
    name,
    architecture,
    version,
    readableSize(size),
  ]);
  return table(['NAME', 'ARCHITECTURE', 'VERSION', 'SIZE'], rows, colors);
}

export function foundTable(
  found: readonly (RegistryPlace & { artifact: Artifact })[],
  colors: Colors,
): string {
  if (found.length === 0) return 'No artifact.';
  const rows = found.map(({ format, distribution, derivative, artifact }) => [
    format,
    distribution,
    derivative,
    artifact.name,
    artifact.architecture,
    artifact.version,
  ]);
  const headings = ['FORMAT', 'DISTRIBUTION', 'DERIVATIVE', 'NAME', 'ARCHITECTURE', 'VERSION'];
  return table(headings, rows, colors);
}

export function changelogText(entries: readonly ChangelogEntry[], colors: Colors): string {
  if (entries.length === 0) return 'No changelog.';
  return entries
    .map(({ version, author, date, changes }) => {
      const heading = `${colors.bold(printable(version))}  ${localTime(date)}  ${printable(author)}`;
      return [
        heading,
        ...changes.map((change) => `  - ${printable(change).replace(/\n(?=.)/g, '\n    ')}`),
      ].join('\n');
    })
    .join('\n\n');
}

export function contentText(members: readonly ContentMember[]): string {
  if (members.length === 0) return 'No content.';
  return members
    .map(({ path, type, size }) => {
      const bytes = type === 'f' && size >= 0 ? String(size) : '-';
      return `${type} ${bytes.padStart(11)} ${printable(path)}`;
    })
    .join('\n');
}
