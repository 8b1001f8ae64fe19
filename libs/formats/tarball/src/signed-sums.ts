import { createHash } from 'node:crypto';

/** Of a distribution; clear-signed, so that text and signature change in one rename. */
export const SUMS = 'SHA256SUMS.asc';

export interface SummedFile {
  sha256: string;
  /** Relative to the distribution's folder. */
  path: string;
}

/** One line a file, as sha256sum(1) prints it. */
export function formatSums(files: readonly SummedFile[]): string {
  return files.map(({ sha256, path }) => `${sha256}  ${path}\n`).join('');
}

/**
 * The text that is signed. `sha256sum --check` passes over the comments; they keep the index of one
 * distribution from being served as that of another, and tell people how old it is.
 *
 * @param sums what `formatSums` gave, in any order
 * @param date milliseconds since the epoch
 */
export function formatIndex(distribution: string, date: number, sums: readonly string[]): string {
  const lines = sums.flatMap((text) => text.split('\n').filter(Boolean));
  lines.sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1));
  return [
    `# Distribution: ${distribution}`,
    `# Date: ${new Date(date).toISOString()}`,
    ...lines,
    '',
  ].join('\n');
}

/** The files of a signed index; what the signature wraps around them looks different. */
export function parseIndex(text: string): SummedFile[] {
  return [...text.matchAll(/^([0-9a-f]{64}) {2}(\S+)$/gm)].map(([, sha256, path]) => ({
    sha256: sha256!,
    path: path!,
  }));
}

/** Recognises a signed index. */
export function stampOf(signed: string): string {
  return createHash('sha256').update(signed).digest('hex');
}
