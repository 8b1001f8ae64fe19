import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Upstream } from './definitions';
import { execute } from './installation';

const ROOT = resolve(__dirname, '../../..');

/** Puts the example "proverbs" among definitions, with its archives on a server of ours. */
export async function placeProverbs(definitions: string, upstream: Upstream): Promise<void> {
  const archives = join(definitions, '.archives');
  const script = join(ROOT, 'scripts/home/proverbs-archives.mjs');
  const made = await execute([process.execPath, script, archives]);
  if (made.status !== 0) throw new Error(made.stderr);
  for (const name of await readdir(archives)) {
    upstream.serve(`/${name}`, await readFile(join(archives, name)));
  }
  const folder = join(definitions, 'proverbs');
  await cp(join(ROOT, 'examples/proverbs'), folder, { recursive: true });
  for (const name of ['artifact.yml', 'pre.sh', 'prescript.lock']) {
    const text = await readFile(join(folder, name), 'utf8');
    const moved = text.replaceAll('https://downloads.acme.example', upstream.url);
    await writeFile(join(folder, name), moved);
  }
}
