// What takes long to make is made once for a home, and kept.
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Makes the folder anew unless a run before has made it to the end. */
export async function keptFolder(folder, make) {
  const filled = join(folder, 'filled');
  const done = await access(filled).then(
    () => true,
    () => false,
  );
  if (done) return;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await make();
  await writeFile(filled, '');
}
