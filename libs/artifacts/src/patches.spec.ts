import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { collectPatches, type PatchTarget } from './patches';

const TARGET: PatchTarget = {
  ...{ version: '1.0', format: 'deb', distribution: 'bookworm' },
  variables: { version: { main: '1.0' } },
};
const DIFF = '--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fatbuildr-patches-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

async function collect(target: Partial<PatchTarget> = {}): Promise<[string, string][]> {
  const patches = await collectPatches(folder, { ...TARGET, ...target });
  return patches.map(({ name, content }) => [name, content.toString()]);
}

describe('collectPatches', () => {
  it('gives the generic ones, then those of the version, by name and none under the same name', async () => {
    await put({
      'patches/1.0/b.patch': 'b',
      'patches/1.0/a.patch': 'a',
      'patches/1.0/.hidden': '',
      'patches/2.0/c.patch': 'c',
      'patches/generic/z.patch': 'z',
      'patches/generic/a.patch': 'generic a',
    });
    expect(await collect()).toEqual([
      ['a.patch', 'generic a'],
      ['z.patch', 'z'],
      ['1.0-a.patch', 'a'],
      ['b.patch', 'b'],
    ]);
    expect(await collect({ version: '3.0' })).toEqual([
      ['a.patch', 'generic a'],
      ['z.patch', 'z'],
    ]);
  });

  it('says when patches are for other versions only', async () => {
    const told: string[] = [];
    const tell = (message: string) => told.push(message);
    await put({ 'patches/1.1/a': 'a', 'patches/generic/g': 'g', 'patches/0.9/.keep': '' });
    await collectPatches(folder, TARGET, tell);
    expect(told).toEqual(['No patch is for version 1.0, there are some for: 1.1']);
    await collectPatches(folder, { ...TARGET, version: '1.1' }, tell);
    await put({ 'patches/1.0/a': 'a' });
    await collectPatches(folder, TARGET, tell);
    expect(told).toHaveLength(1);
  });

  it('leaves out those whose header is for other distributions or formats, and says so', async () => {
    await put({
      'patches/1.0/1': `Description: x\nDistributions: el8, bookworm\n\n${DIFF}`,
      'patches/1.0/2': `Distributions: el8\n  el9\n${DIFF}`,
      'patches/1.0/3': `From: Ada <ada@acme.example>\nSubject: x\n\nText.\n\nformats: rpm\n---\n f | 2 +-\n\n${DIFF}`,
      // A line of the patch itself is no header.
      'patches/1.0/4': `${DIFF}@@ -3 +3 @@\n-a\nFormats: rpm\n`,
    });
    const told: string[] = [];
    const patches = await collectPatches(folder, TARGET, (message) => told.push(message));
    expect(patches.map(({ name }) => name)).toEqual(['1', '4']);
    expect(told).toEqual([
      'patches/1.0/2 is left out: it is for el8, el9',
      'patches/1.0/3 is left out: it is for rpm',
    ]);
  });

  it('renders those whose header says that they are templates', async () => {
    await put({
      'patches/1.0/t': `Template: yes\n${DIFF.replace('+b', '+{{ version.main }}')}`,
      'patches/1.0/u': DIFF.replace('+b', '+{{ version.main }}'),
    });
    const [rendered, plain] = await collect();
    expect(rendered?.[1]).toContain('\n+1.0\n');
    expect(plain?.[1]).toContain('\n+{{ version.main }}\n');
    await put({ 'patches/1.0/t': `Template: yes\n\n${DIFF}{% nothing %}\n` });
    await expect(collect()).rejects.toMatchObject({
      code: 'ARTIFACT.TEMPLATE',
      message: expect.stringMatching(/^patches\/1\.0\/t: line \d+: /),
    });
  });

  it('refuses headers that say nothing we know', async () => {
    await put({ 'patches/1.0/t': `Template: perhaps\n${DIFF}` });
    await expect(collect()).rejects.toThrow('"yes" or "no" after "Template:", got "perhaps"');
    await put({ 'patches/1.0/t': `Formats:\n${DIFF}` });
    await expect(collect()).rejects.toThrow('its header names nothing after "Formats:"');
  });

  it('refuses links that leave, folders, and versions that are paths', async () => {
    await put({ 'patches/1.0/sub/x': '' });
    await expect(collect()).rejects.toThrow('"patches/1.0/sub": expected a file');
    await rm(join(folder, 'patches/1.0/sub'), { recursive: true });
    await symlink('/etc/passwd', join(folder, 'patches/1.0/p'));
    await expect(collect()).rejects.toThrow('"patches/1.0/p": leaves the folder');
    await expect(collect({ version: '../..' })).rejects.toThrow('is no version');
  });
});
