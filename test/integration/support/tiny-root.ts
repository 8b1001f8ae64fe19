import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '@fatbuildr/processes';

/**
 * The host's own static-enough tools as a root: a shell, its library and a few programs.
 *
 * @param more names of further programs
 * @returns path of its tar
 */
export async function tinyRoot(folder: string, more: readonly string[] = []): Promise<string> {
  const root = join(folder, 'root');
  const programs = ['sh', 'cat', 'id', 'sleep', 'touch', 'mkdir', 'grep', 'env', 'head', ...more];
  const paths = await Promise.all(programs.map(async (name) => await readlink(`/usr/bin/${name}`)));
  const libraries = new Set<string>();
  for (const path of paths) {
    const { stdout } = await run(['ldd', path]);
    for (const [library] of stdout.toString('utf8').matchAll(/\/\S+\.so\S*/g))
      libraries.add(library);
  }
  for (const place of ['bin', 'tmp', 'proc', 'sys', 'dev', 'etc', 'mnt']) {
    await mkdir(join(root, place), { recursive: true });
  }
  for (const [index, name] of programs.entries()) {
    await run(['install', '-m', '755', paths[index] as string, join(root, 'bin', name)]);
  }
  for (const library of libraries) await run(['install', '-D', library, join(root, library)]);
  const tar = join(folder, 'tiny.tar');
  await run(['tar', '-C', root, '-cf', tar, '.']);
  return tar;
}

async function readlink(path: string): Promise<string> {
  return (await run(['readlink', '-f', path])).stdout.toString('utf8').trim();
}
