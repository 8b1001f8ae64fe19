import { execFileSync } from 'node:child_process';
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { pack as createPack, type Header } from 'tar-stream';
import type { TreeWriter } from './tree-writer';
import { unpack } from './unpack';
import { unpackZip } from './unpack-zip';

type Member = Partial<Header> & { name: string; content?: string | Buffer };

/** Bytes of a tar with exactly these members, good or bad. */
async function tar(members: Member[]): Promise<Buffer> {
  const pack = createPack();
  for (const { content = '', ...header } of members) pack.entry(header, content);
  pack.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of pack) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** Lets a zip of one member say that it holds ten bytes. */
function lieAboutSize(bytes: Buffer): void {
  const size = Buffer.from(bytes.subarray(22, 26));
  for (let at = bytes.indexOf(size); at >= 0; at = bytes.indexOf(size, at)) {
    bytes.writeUInt32LE(10, at);
  }
}

/** Bytes of a zip made on Unix, sizes and names as given. */
function zip(members: { name: string; mode: number; content: Buffer }[]): Buffer {
  const locals: Buffer[] = [];
  const records: Buffer[] = [];
  let offset = 0;
  for (const { name, mode, content } of members) {
    const data = deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const end = Buffer.alloc(14);
    end.writeUInt32LE((mode << 16) >>> 0, 6);
    end.writeUInt32LE(offset, 10);
    records.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, end, Buffer.from(name));
    const local = [Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), data];
    locals.push(...local);
    offset += Buffer.concat(local).length;
  }
  const directory = Buffer.concat(records);
  const tail = Buffer.alloc(22);
  tail.write('PK\x05\x06', 'latin1');
  tail.writeUInt16LE(members.length, 8);
  tail.writeUInt16LE(members.length, 10);
  tail.writeUInt32LE(directory.length, 12);
  tail.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, tail]);
}

const through = (command: string, args: string[], input: Buffer) =>
  execFileSync(command, args, { input, maxBuffer: 1e9 });

describe('unpack', () => {
  let base: string;
  let archive: string;
  let destination: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'unpack-'));
    archive = join(base, 'archive');
    destination = join(base, 'tree');
  });
  afterEach(() => rm(base, { recursive: true }));

  const limits = { maxEntries: 100, maxUnpacked: 1024 * 1024 };
  const unpackBytes = async (bytes: Buffer, options: object = {}) => {
    await writeFile(archive, bytes);
    await unpack(archive, destination, { limits, ...options });
  };
  const read = (path: string) => readFile(join(destination, path), 'utf8');
  const refused = async (bytes: Buffer, message: string | RegExp, options: object = {}) => {
    await expect(unpackBytes(bytes, options)).rejects.toThrow(message);
    expect(await readdir(base)).toEqual(['archive']);
  };

  it.each([
    ['plain', (bytes: Buffer) => bytes],
    ['gz', (bytes: Buffer) => gzipSync(bytes)],
    ['bz2', (bytes: Buffer) => through('bzip2', ['-c'], bytes)],
    ['xz', (bytes: Buffer) => through('xz', ['-c'], bytes)],
    ['lzma', (bytes: Buffer) => through('xz', ['-c', '--format=lzma'], bytes)],
    ['zst', (bytes: Buffer) => through('zstd', ['-cq'], bytes)],
  ])('unpacks a %s tar whatever its name', async (_kind, compress) => {
    const mtime = new Date('2001-02-03T04:05:06Z');
    const bytes = await tar([
      { name: 'pax_global_header', type: 'pax-global-header' as Header['type'], content: '' },
      { name: './a/', type: 'directory' },
      { name: './a/run', mode: 0o6755, mtime, content: 'x'.repeat(100_000) },
      { name: `a/${'long/'.repeat(40)}name`, content: 'deep' },
      { name: 'a/ünïcode', content: '' },
      { name: 'a/link', type: 'symlink', linkname: '../b' },
      { name: 'b', mode: 0o600, content: 'b' },
      { name: 'hard', type: 'link', linkname: 'b' },
      { name: 'b', content: 'again' },
    ]);
    await unpackBytes(compress(bytes));
    expect(await read('a/run')).toBe('x'.repeat(100_000));
    const stats = await lstat(join(destination, 'a/run'));
    expect([stats.mode & 0o7777, stats.mtime]).toEqual([0o755, mtime]);
    expect(await read(`a/${'long/'.repeat(40)}name`)).toBe('deep');
    expect(await read('a/link')).toBe('again');
    expect(await read('hard')).toBe('b');
    expect((await lstat(destination)).mode & 0o777).toBe(0o755);
    expect((await readdir(base)).sort()).toEqual(['archive', 'tree']);
  });

  it('unpacks a tar from before POSIX, without magic number', async () => {
    await mkdir(join(base, 'from/d'), { recursive: true });
    await writeFile(join(base, 'from/d/f'), 'old');
    const args = ['-c', '--format=v7', '-C', join(base, 'from'), 'd'];
    await unpackBytes(through('tar', args, Buffer.alloc(0)));
    expect(await read('d/f')).toBe('old');
  });

  it('unpacks a zip with modes and symlinks', async () => {
    await unpackBytes(
      zip([
        { name: 'a/', mode: 0o040755, content: Buffer.alloc(0) },
        { name: 'a/run', mode: 0o106755, content: Buffer.alloc(50_000, 'y') },
        { name: 'b\\plain', mode: 0, content: Buffer.from('plain') },
        { name: 'link', mode: 0o120777, content: Buffer.from('b/plain') },
      ]),
    );
    expect(await read('a/run')).toBe('y'.repeat(50_000));
    expect((await lstat(join(destination, 'a/run'))).mode & 0o7777).toBe(0o755);
    expect((await lstat(join(destination, 'b/plain'))).mode & 0o777).toBe(0o644);
    expect(await readlink(join(destination, 'link'))).toBe('b/plain');
  });

  it.each<[string, Member[], string]>([
    ['..', [{ name: 'a/../../evil' }], '"a/../../evil": its path leaves the tree by ".."'],
    ['an absolute path', [{ name: '/etc/evil' }], '"/etc/evil": its path is absolute'],
    [
      'an absolute symlink',
      [{ name: 'l', type: 'symlink', linkname: '/etc' }],
      '"l": the symlink to "/etc" leaves the tree',
    ],
    [
      'a symlink that leaves',
      [{ name: 'a/l', type: 'symlink', linkname: '../../x' }],
      '"a/l": the symlink to "../../x" leaves the tree',
    ],
    [
      'a symlink that leaves through another',
      [
        { name: 'a/b/up', type: 'symlink', linkname: '../..' },
        { name: 'l', type: 'symlink', linkname: 'a/b/up/../x' },
      ],
      '"l": the symlink to "a/b/up/../x" leaves the tree',
    ],
    [
      'a member written through a symlink',
      [
        { name: 'd', type: 'symlink', linkname: 'e' },
        { name: 'd/evil', content: 'x' },
      ],
      '"d/evil": its path leads through the symlink "d"',
    ],
    [
      'a hard link that leaves',
      [{ name: 'h', type: 'link', linkname: '../../etc/passwd' }],
      '"h": its hard link to "../../etc/passwd" leaves the tree by ".."',
    ],
    [
      'an absolute hard link',
      [{ name: 'h', type: 'link', linkname: '/etc/passwd' }],
      '"h": its hard link to "/etc/passwd" is absolute',
    ],
    [
      'a hard link to nothing unpacked',
      [{ name: 'h', type: 'link', linkname: 'none' }],
      '"h": hard link to "none", which is no file unpacked before it',
    ],
    [
      'a device',
      [{ name: 'dev', type: 'character-device', devmajor: 1, devminor: 3 }],
      '"dev": members of type character-device are refused',
    ],
    ['a pipe', [{ name: 'p', type: 'fifo' }], '"p": members of type fifo are refused'],
    [
      'a file in the place of a folder',
      [{ name: 'a/b' }, { name: 'a' }],
      '"a": a folder of that name exists',
    ],
    ['a name too long', [{ name: `${'x'.repeat(300)}` }], 'ENAMETOOLONG'],
  ])('refuses a tar with %s and leaves nothing', async (_what, members, message) => {
    await refused(await tar([{ name: 'good', content: 'x' }, ...members]), `, member `);
    await refused(await tar([{ name: 'good', content: 'x' }, ...members]), message);
  });

  it.each([
    ['../evil', '', '"../evil": its path leaves the tree'],
    ['..\\evil', '', '"../evil": its path leaves the tree'],
    ['/evil', '', '"/evil": its path is absolute'],
    ['l', '/etc', '"l": the symlink to "/etc" leaves the tree'],
    ['a/l', '../../x', '"a/l": the symlink to "../../x" leaves the tree'],
    ['dev', 'device', '"dev": devices, sockets and pipes are refused'],
  ])('refuses a zip with the member %s %s', async (name, target, message) => {
    const mode = target === 'device' ? 0o020644 : target === '' ? 0o100644 : 0o120777;
    await refused(zip([{ name, mode, content: Buffer.from(target) }]), message);
  });

  it('refuses more members than allowed, implied folders counted', async () => {
    const many = Array.from({ length: 101 }, (_, i) => ({ name: `f${i}` }));
    await refused(await tar(many), 'more than 100 files, folders and links');
    await refused(await tar([{ name: `${'d/'.repeat(100)}f` }]), 'more than 100 files');
  });

  it('counts members of the same name, and stops long before a million of them', async () => {
    for (const member of [{ name: 'f' }, { name: 'd/', type: 'directory' as const }]) {
      const header = (await tar([member])).subarray(0, 512);
      // Gzip members in a row are read as one.
      const tenThousand = gzipSync(Buffer.alloc(512 * 10_000, header));
      const bytes = Buffer.concat(Array<Buffer>(100).fill(tenThousand));
      await refused(bytes, 'more than 100 files, folders and links');
    }
  });

  it.each([
    ['gz', (bytes: Buffer) => gzipSync(bytes)],
    ['xz', (bytes: Buffer) => through('xz', ['-c0'], bytes)],
    ['zst', (bytes: Buffer) => through('zstd', ['-cq'], bytes)],
    ['bz2', (bytes: Buffer) => through('bzip2', ['-c'], bytes)],
  ])('stops a %s bomb at the cap', async (_kind, compress) => {
    const bomb = await tar([{ name: 'bomb', content: Buffer.alloc(32 * 1024 * 1024) }]);
    await refused(compress(bomb), '"bomb": unpacks to more than 1048576 bytes');
  });

  it('stops a bomb of zeros after the end of the tar, and one of hard links', async () => {
    const good = await tar([{ name: 'a', content: 'x' }]);
    const bytes = gzipSync(Buffer.concat([good, Buffer.alloc(8 * 1024 * 1024)]));
    await refused(bytes, /holds more than \d+ bytes/);
    const file = { name: 'f', content: Buffer.alloc(600 * 1024) };
    const links = await tar([file, { name: 'h', type: 'link', linkname: 'f' }]);
    await refused(links, '"h": unpacks to more than 1048576 bytes');
  });

  it('stops a zip bomb at the cap, and one that lies about its size', async () => {
    const content = Buffer.alloc(32 * 1024 * 1024);
    const bytes = zip([{ name: 'bomb', mode: 0o100644, content }]);
    await refused(bytes, '"bomb": unpacks to more than 1048576 bytes');
    lieAboutSize(bytes);
    await refused(bytes, /is broken: .*too many bytes/);
    const many = Array.from({ length: 101 }, (_, i) => ({
      name: `f${i}`,
      mode: 0o100644,
      content: Buffer.alloc(0),
    }));
    await refused(zip(many), 'holds 101 members, at most 100 are taken');
  });

  it('keeps the fault of a member until somebody reads it', async () => {
    const bytes = zip([{ name: 'bomb', mode: 0o100644, content: Buffer.alloc(1024 * 1024) }]);
    lieAboutSize(bytes);
    await writeFile(join(base, 'late.zip'), bytes);
    const writer = {
      checkAborted: () => undefined,
      file: async (_name: string, _status: object, content: Readable) => {
        await new Promise((resolve) => content.on('close', resolve));
        for await (const _ of content) expect(_).toBeDefined();
      },
    } as unknown as TreeWriter;
    await expect(
      unpackZip(join(base, 'late.zip'), writer, { maxEntries: 1, maxUnpacked: 1 }),
    ).rejects.toThrow(/is broken: .*too many bytes/);
  });

  it('says what is broken', async () => {
    const good = await tar([{ name: 'a', content: Buffer.alloc(200_000, 'random') }]);
    await refused(Buffer.from('not an archive at all'), 'expected tar (plain, gz, bz2');
    await refused(good.subarray(0, 100_000), 'is broken: Unexpected end of data');
    await refused(gzipSync(good).subarray(0, 200), /is broken: .*unexpected end of file/);
    const xz = through('xz', ['-c'], good);
    await refused(xz.subarray(0, xz.length - 20), /is broken: "xz" exited with status 1/);
    await refused(through('zstd', ['-cq'], good).subarray(0, 30), /is broken: "zstd" exited/);
    await refused(gzipSync(Buffer.from('no tar inside this'.repeat(100))), 'is broken: ');
    await refused(Buffer.from('PK\x03\x04 torn'), 'is broken: ');
  });

  it('stops when it is aborted', async () => {
    const abort = new AbortController();
    abort.abort();
    const bytes = gzipSync(await tar([{ name: 'a', content: 'x' }]));
    await expect(unpackBytes(bytes, { signal: abort.signal })).rejects.toMatchObject({
      code: 'ARTIFACT.ABORTED',
    });
    expect(await readdir(base)).toEqual(['archive']);
  });

  it('does not touch what stands at the destination', async () => {
    await mkdir(destination);
    await writeFile(join(destination, 'mine'), 'mine');
    await expect(unpackBytes(await tar([{ name: 'a' }]))).rejects.toThrow('exists already');
    expect(await readdir(destination)).toEqual(['mine']);
  });
});
