import { INDEX_KINDS, type IndexKind } from './package-xml';

/** An index of a repository as repomd.xml lists it. */
export interface RepomdEntry {
  /** Of the compressed file. */
  sha256: string;
  size: number;
  /** Of the text. */
  openSha256: string;
  openSize: number;
  /** When it was written, seconds since the epoch. */
  timestamp: number;
}

export type RepomdEntries = Record<IndexKind, RepomdEntry>;

export function indexFileName(kind: IndexKind, { sha256 }: Pick<RepomdEntry, 'sha256'>): string {
  return `${sha256}-${kind}.xml.gz`;
}

/** @param revision another and greater number after every change */
export function formatRepomd(revision: number, entries: RepomdEntries): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<repomd xmlns="http://linux.duke.edu/metadata/repo" xmlns:rpm="http://linux.duke.edu/metadata/rpm">
  <revision>${revision}</revision>
${INDEX_KINDS.map((kind) => dataElement(kind, entries[kind])).join('')}</repomd>
`;
}

function dataElement(kind: IndexKind, entry: RepomdEntry): string {
  return `  <data type="${kind}">
    <checksum type="sha256">${entry.sha256}</checksum>
    <open-checksum type="sha256">${entry.openSha256}</open-checksum>
    <location href="repodata/${indexFileName(kind, entry)}"/>
    <timestamp>${entry.timestamp}</timestamp>
    <size>${entry.size}</size>
    <open-size>${entry.openSize}</open-size>
  </data>
`;
}

/** Reads what `formatRepomd` wrote. @throws Error when it is anything else */
export function parseRepomd(text: string): { revision: number; entries: RepomdEntries } {
  const revision = Number(/<revision>(\d+)<\/revision>/.exec(text)?.[1]);
  const [primary, filelists, other] = INDEX_KINDS.map((kind) => {
    const [, data = ''] = new RegExp(`<data type="${kind}">(.*?)</data>`, 's').exec(text) ?? [];
    const value = (element: string) => new RegExp(`<${element}[^>]*>(\\w+)<`).exec(data)?.[1] ?? '';
    return {
      sha256: value('checksum'),
      size: Number(value('size')),
      openSha256: value('open-checksum'),
      openSize: Number(value('open-size')),
      timestamp: Number(value('timestamp')),
    };
  }) as [RepomdEntry, RepomdEntry, RepomdEntry];
  const entries = { primary, filelists, other };
  if (formatRepomd(revision, entries) !== text) throw new Error('not a repomd.xml of ours');
  return { revision, entries };
}
