import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listArMembers } from './ar';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fatbuildr-ar-'));
});

afterEach(() => rm(folder, { recursive: true }));

function header(name: string, size: number | string, end = '`\n'): string {
  return `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(size).padEnd(10)}${end}`;
}

async function list(content: string) {
  const path = join(folder, 'archive');
  await writeFile(path, content, 'latin1');
  return listArMembers(path);
}

describe('listArMembers', () => {
  it('finds members behind the padding of odd ones, with and without the closing slash', async () => {
    const archive = `!<arch>\n${header('debian-binary', 3)}2.0\n${header('control.tar/', 2)}xy`;
    expect(await list(archive)).toEqual([
      { name: 'debian-binary', offset: 68, size: 3 },
      { name: 'control.tar', offset: 132, size: 2 },
    ]);
  });

  it('finds nothing in an empty archive', async () => {
    expect(await list('!<arch>\n')).toEqual([]);
  });

  it.each([
    ['not an ar archive', 'PK something'],
    ['not an ar archive', ''],
    ['is cut off', `!<arch>\n${header('data.tar', 100)}short`],
    ['header of a member is damaged', `!<arch>\n${header('data.tar', 2, 'xx')}ab`],
    ['header of a member is damaged', `!<arch>\n${header('data.tar', '-2')}ab`],
    ['header of a member is damaged', `!<arch>\ndata`],
    ['more than 16 members', `!<arch>\n${header('x', 0).repeat(17)}`],
  ])('refuses what %s', async (reason, content) => {
    await expect(list(content)).rejects.toThrow(reason);
  });
});
