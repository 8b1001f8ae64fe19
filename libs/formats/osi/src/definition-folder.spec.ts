import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { definedImages } from './definition-folder';
import { failedMkosi } from './osi.errors';

describe('the images of a definition', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'osi-definition-'))));
  afterEach(() => rm(folder, { recursive: true }));

  const write = (...names: string[]) =>
    Promise.all(names.map((name) => writeFile(join(folder, name), '')));

  it('are that of the artifact, then the others, which have a name of their own besides', async () => {
    await write('demo.mkosi', 'debug.mkosi', 'mkosi.postinst');
    expect(await definedImages('demo', folder)).toEqual([
      { definition: 'demo.mkosi', id: 'demo' },
      { definition: 'debug.mkosi', id: 'demo-debug' },
    ]);
  });

  it('are missed by name, with what there is', async () => {
    await expect(definedImages('demo', folder)).rejects.toMatchObject({
      code: 'OSI.NO_DEFINITION',
      message:
        'the definition of demo has no osi/demo.mkosi, which mkosi makes the image from; there is no file in osi/',
    });
    await write('dmeo.mkosi');
    await expect(definedImages('demo', folder)).rejects.toThrow(/osi\/ holds: dmeo\.mkosi$/);
  });

  it.each([
    ['mkosi.conf', /osi\/mkosi\.conf in the definition of demo: mkosi gets demo\.mkosi under that/],
    ['de bug.mkosi', /osi\/de bug\.mkosi in the definition of demo: its name/],
  ])('are refused beside %s', async (name, reason) => {
    await write('demo.mkosi', name);
    await expect(definedImages('demo', folder)).rejects.toThrow(reason);
  });

  it('are refused when one is a folder', async () => {
    await mkdir(join(folder, 'demo.mkosi'));
    await expect(definedImages('demo', folder)).rejects.toThrow(/it is no file/);
  });
});

describe('why mkosi failed', () => {
  it.each([
    ['‣ Detaching\n‣ Error: Unknown verb\nTraceback\n', 'Unknown verb'],
    [
      "‣ Syncing\n‣ 'gpt_ext4' is not a valid OutputFormat\n",
      "'gpt_ext4' is not a valid OutputFormat",
    ],
    ['mkosi: error: argument -t/--format: invalid\n', 'argument -t/--format: invalid'],
  ])('is what it said in %j', (printed, reason) => {
    expect(failedMkosi('demo', 'demo.mkosi', printed)?.message).toBe(
      `mkosi made no image of osi/demo.mkosi of demo: ${reason}`,
    );
  });

  it('is not known when it said nothing', () => {
    expect(failedMkosi('demo', 'demo.mkosi', '‣ Compressing\nKilled\n')).toBeUndefined();
  });
});
