import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refreshPatches } from './refresh-patches';

const numbers = (changes: Readonly<Record<number, string>> = {}, count = 20) =>
  Array.from({ length: count }, (_, index) => `${changes[index + 1] ?? index + 1}\n`).join('');

let base: string;
let told: string[];
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'fatbuildr-refresh-'));
  await mkdir(join(base, 'tree'));
  told = [];
});
afterEach(() => rm(base, { recursive: true }));

const put = (content: string, name = 'f') => writeFile(join(base, 'tree', name), content);

/** A patch as diff makes it. */
async function diff(from: string, to: string, name = 'f'): Promise<string> {
  for (const [folder, content] of [
    ['a', from],
    ['b', to],
  ] as const) {
    await mkdir(join(base, folder), { recursive: true });
    await writeFile(join(base, folder, name), content);
  }
  const script = `diff -u a/${name} b/${name} || true`;
  return execFileSync('sh', ['-c', script], { cwd: base, encoding: 'utf8' });
}

async function refresh(...patches: string[]): Promise<string[]> {
  const given = patches.map((content, index) => ({
    name: `${index + 1}.patch`,
    content: Buffer.from(content),
  }));
  const refreshed = await refreshPatches(join(base, 'tree'), given, (line) => told.push(line));
  return refreshed.map(({ content }) => content.toString());
}

/** What patch makes of the tree without any fuzz, which is what the formats allow. */
async function apply(patches: readonly string[], name = 'f'): Promise<string> {
  for (const input of patches) {
    execFileSync('patch', ['-p1', '--fuzz=0', '--batch', '--forward', '--no-backup-if-mismatch'], {
      cwd: join(base, 'tree'),
      input,
    });
  }
  return readFile(join(base, 'tree', name), 'utf8');
}

describe('refreshPatches', () => {
  it('rewrites a hunk that applies with fuzz alone, and nothing else of the patch', async () => {
    const header = 'Description: x\nAuthor: é\n\n';
    const patch = header + (await diff(numbers(), numbers({ 5: 'five', 15: 'fifteen' })));
    await put(`0\n${numbers({ 12: 'twelve', 18: 'eighteen' })}`);
    const [refreshed = ''] = await refresh(patch);
    expect(told).toEqual(['1.patch: hunk 2 of f applies only with fuzz, it is rewritten']);
    const first = patch.slice(0, patch.indexOf('@@ -12,'));
    expect(refreshed).toBe(`${first}@@ -14,5 +14,5 @@\n 13\n 14\n-15\n+fifteen\n 16\n 17\n`);
    expect(await apply([refreshed])).toBe(
      `0\n${numbers({ 5: 'five', 12: 'twelve', 15: 'fifteen', 18: 'eighteen' })}`,
    );
  });

  it('leaves patches alone that apply at other lines', async () => {
    const patch = await diff(numbers(), numbers({ 10: 'ten' }));
    await put(`0\n0\n${numbers()}`);
    expect(await refresh(patch)).toEqual([patch]);
    expect(told).toEqual([]);
  });

  it('sees files as the patches before left them, new ones and removed ones, too', async () => {
    await put(numbers({ 8: 'eight' }));
    const patches = [
      await diff(numbers({ 8: 'eight' }), numbers({ 8: 'eight', 10: 'ten' })),
      '--- /dev/null\n+++ b/new\n@@ -0,0 +1,2 @@\n+a\n+b\n\\ No newline at end of file\n',
      '--- a/new\n+++ b/new\n@@ -1,2 +1,2 @@\n-a\n+A\n b\n\\ No newline at end of file\n',
      '--- a/new\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-A\n-b\n\\ No newline at end of file\n',
      await diff(numbers({ 10: 'ten' }), numbers({ 10: 'ten', 11: 'eleven' })),
    ];
    const refreshed = await refresh(...patches);
    expect(refreshed.slice(0, 4)).toEqual(patches.slice(0, 4));
    expect(told).toEqual(['5.patch: hunk 1 of f applies only with fuzz, it is rewritten']);
    expect(await apply(refreshed)).toBe(numbers({ 8: 'eight', 10: 'ten', 11: 'eleven' }));
  });

  it('rewrites nothing where more than one place would match', async () => {
    const block = 'x\nsame\nold\nsame\ny\n';
    const patch = await diff(block, block.replace('old', 'new'));
    await put(`p\nsame\nold\nsame\nq\nr\nsame\nold\nsame\ns\n`);
    expect(await refresh(patch)).toEqual([patch]);
  });

  it('rewrites at the begin and the end of a file, where there is less context', async () => {
    const patch = await diff(numbers(), numbers({ 1: 'one', 20: 'twenty' }));
    await put(numbers({ 4: 'four', 17: 'seventeen' }));
    expect(await apply(await refresh(patch))).toBe(
      numbers({ 1: 'one', 4: 'four', 17: 'seventeen', 20: 'twenty' }),
    );
    expect(told).toHaveLength(2);
  });

  it.each([
    ['does not apply', '--- a/f\n+++ b/f\n@@ -1 +1 @@\n-none\n+x\n'],
    ['is for a file that is not there', '--- a/g\n+++ b/g\n@@ -1 +1 @@\n-1\n+x\n'],
    ['leaves the tree', '--- a/../../f\n+++ b/../../f\n@@ -1 +1 @@\n-1\n+x\n'],
    ['leads through a link out of it', '--- a/l\n+++ b/l\n@@ -1 +1 @@\n-1\n+x\n'],
    ['is cut off', '--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n-1\n+x\n'],
    ['is no unified diff', '*** a/f\n--- b/f\n***************\n*** 1 ****\n! 1\n--- 1 ----\n! x\n'],
  ])('leaves a patch that %s, and those after it, to the tools', async (_what, bad) => {
    await put(numbers({ 8: 'eight' }));
    await symlink('/etc/passwd', join(base, 'tree', 'l'));
    const fuzzy = await diff(numbers(), numbers({ 11: 'eleven' }));
    expect(await refresh(bad, fuzzy)).toEqual([bad, fuzzy]);
    expect((await refresh(fuzzy))[0]).not.toBe(fuzzy);
  });
});
