import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detachLoopDevices } from '@fatbuildr/formats/osi';
import { run } from '@fatbuildr/processes';

const SIZE = 1024 * 1024;

describe('loop devices that a killed container left', () => {
  let folder: string;
  const attached: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fatbuildr-osi-loop-'));
  });
  afterAll(async () => {
    for (const name of attached) await run(['losetup', '--detach', name]).catch(() => undefined);
    await rm(folder, { recursive: true });
  });

  async function attach(path: string): Promise<string> {
    await writeFile(path, '');
    await truncate(path, SIZE);
    const { stdout } = await run(['losetup', '--find', '--show', path]);
    const name = stdout.toString('utf8').trim();
    attached.push(name);
    return name;
  }

  const listed = async () =>
    (await run(['losetup', '--list', '--noheadings', '--output=NAME'])).stdout.toString('utf8');

  it('are detached, those of other folders are not', async () => {
    const ours = join(folder, 'ours/output');
    await mkdir(ours, { recursive: true });
    const inside = await attach(join(ours, '.mkosi-image'));
    const outside = await attach(join(folder, 'other'));
    await detachLoopDevices(join(folder, 'ours'));
    const left = (await listed()).split('\n').map((line) => line.trim());
    expect(left).not.toContain(inside);
    expect(left).toContain(outside);
  });
});
