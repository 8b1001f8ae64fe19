import { existsSync } from 'node:fs';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { HOST_CODENAME } from './host';
import { execute, type Installation } from './installation';

/** Where images stay for the other test files of a run; without it every file makes its own. */
const KEPT = process.env.FATBUILDR_TEST_IMAGES;

/** The deb image; making it takes a minute, taking it over some seconds. */
export async function giveImage(installation: Installation): Promise<void> {
  // It fails for want of the image, and the engine runs from now on.
  await installation.ctl('images', 'update', '-f', 'deb');
  await give(installation, 'deb', 'create', '-f', 'deb');
}

/** The build environment of the host's release, an image too, beside that of the format. */
export function giveEnvironment(installation: Installation): Promise<void> {
  return give(installation, HOST_CODENAME, 'env-create', '-d', HOST_CODENAME);
}

/** What `fatbuildrctl images …` makes, kept for the installations of other test files, whose instance has the same name. */
async function give(installation: Installation, name: string, ...args: string[]): Promise<void> {
  const archive = KEPT === undefined ? undefined : join(KEPT, `${name}.tar`);
  if (archive !== undefined && existsSync(archive)) {
    await podman(installation, ['load', '--quiet', '--input', archive]);
    return;
  }
  const before = new Set(await imageNames(installation));
  const ended = await installation.ctl('images', ...args);
  if (ended.status !== 0) throw new Error(ended.stdout + ended.stderr);
  if (archive === undefined) return;
  const made = (await imageNames(installation)).filter((image) => !before.has(image));
  await mkdir(KEPT!, { recursive: true });
  // Two files may come to it at once.
  const partial = `${archive}.${process.pid}`;
  await podman(installation, ['save', '--quiet', '--output', partial, ...made]);
  await rename(partial, archive);
}

/** Of all that the engine of an installation holds, with their tags. */
export async function imageNames(installation: Installation): Promise<string[]> {
  const listed = await podman(installation, ['images', '--format', '{{.Repository}}:{{.Tag}}']);
  return listed.split('\n').filter((name) => name !== '');
}

/** Asks the engine of an installation itself; @returns what it printed */
export async function podman(
  installation: Installation,
  args: readonly string[],
  input = '',
): Promise<string> {
  const folder = join(installation.home, 'state/podman');
  const files = await readdir(folder);
  const file = (start: string) =>
    join(
      folder,
      files.find((name) => name.startsWith(start))!,
    );
  const ended = await execute(['podman', ...args], {
    input,
    env: {
      CONTAINERS_CONF: file('containers.conf'),
      CONTAINERS_STORAGE_CONF: file('storage.conf'),
    },
  });
  if (ended.status !== 0) throw new Error(`podman ${args.join(' ')}: ${ended.stderr}`);
  return ended.stdout;
}
