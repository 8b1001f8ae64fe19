import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { indexFileName, parseRepomd } from '../registry/repomd';

/**
 * Digest of those packages of repositories that an installation of `names` could have taken, or would take
 * now: by their own name, or one they provide. Others may come and go without changing it.
 *
 * @param repositories folders with `repodata/`, of our own making
 */
export async function relevantPackages(
  repositories: readonly string[],
  names: ReadonlySet<string>,
): Promise<string> {
  const digest = createHash('sha256');
  for (const [index, folder] of repositories.entries()) {
    const primary = await readPrimary(folder);
    const relevant = packagesOf(primary).filter((one) => one.names.some((name) => names.has(name)));
    for (const { checksum } of relevant) digest.update(`${index} ${checksum}\n`);
  }
  return digest.digest('hex');
}

async function readPrimary(folder: string): Promise<string> {
  const metadata = join(folder, 'repodata');
  const { entries } = parseRepomd(await readFile(join(metadata, 'repomd.xml'), 'utf8'));
  const content = await readFile(join(metadata, indexFileName('primary', entries.primary)));
  return (await promisify(gunzip)(content)).toString('utf8');
}

/** Each package's checksum, name, and the names it provides; sorted by checksum. */
export function packagesOf(primary: string): { checksum: string; names: string[] }[] {
  return [...primary.matchAll(/<package type="rpm">.*?<\/package>/gs)]
    .map(([block]) => {
      const provides = /<rpm:provides>.*?<\/rpm:provides>/s.exec(block)?.[0] ?? '';
      return {
        checksum: /<checksum [^>]*>([0-9a-f]+)</.exec(block)?.[1] ?? '',
        names: [
          ...[...block.matchAll(/<name>([^<]*)<\/name>/g)].map(([, name = '']) => name),
          ...[...provides.matchAll(/ name="([^"]*)"/g)].map(([, name = '']) => unescape(name)),
        ],
      };
    })
    .sort((a, b) => (a.checksum < b.checksum ? -1 : 1));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};

function unescape(text: string): string {
  return text.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity]!);
}
