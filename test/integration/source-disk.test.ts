import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SourceCache, unpack } from '@fatbuildr/artifacts';
import { run } from '@fatbuildr/processes';
import { SmallDisk } from './support/small-disk';

/** Bytes that do not fit on the disk while it is full. */
const CONTENT = Buffer.alloc(1024 * 1024, 'x');
const PAGE = 4096;

describe('a disk that is full', () => {
  let home: string;
  let disk: SmallDisk;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'fatbuildr-source-disk-'));
    disk = await SmallDisk.mount(join(home, 'disk'), 4);
  });

  afterEach(() => disk.empty());

  afterAll(async () => {
    await disk?.unmount();
    await rm(home, { recursive: true });
  });

  /** Files and folders on the disk, without what fills it. */
  const left = async () =>
    (await readdir(disk.folder, { recursive: true })).filter((name) => name !== '.ballast').sort();

  describe('during a download', () => {
    let server: Server;
    let cache: SourceCache;

    beforeAll(async () => {
      server = createServer((_request, response) => response.end(CONTENT)).listen(0, '127.0.0.1');
      await once(server, 'listening');
      cache = new SourceCache(disk.folder, { timeout: 60_000, maxSize: CONTENT.length });
      // Its folders are there.
      await fetch('small', createHash('sha256').digest('hex')).catch(() => undefined);
    });

    afterAll(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });

    const fetch = (artifact: string, hex = createHash('sha256').update(CONTENT).digest('hex')) =>
      cache.fetch({
        artifact,
        source: {
          ...{ id: artifact, version: '1.0', filename: `${artifact}-1.0.tar.gz` },
          url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/archive`,
          checksums: [{ algorithm: 'sha256', hex }],
        },
      });

    it.each([0, 1, 16])('with %d pages left is named, and nothing is left of it', async (pages) => {
      const before = await left();
      await disk.fill(pages * PAGE);
      await expect(fetch('hello')).rejects.toMatchObject({
        code: 'DISK.UNWRITABLE',
        message: expect.stringMatching(
          new RegExp(`^${disk.folder}\\S* cannot be written: its disk is full, make room on it$`),
        ),
      });
      expect(await left()).toEqual(before);
    });

    it('is no fault of a later one', async () => {
      expect(await fetch('hello')).toMatch(/hello-1\.0\.tar\.gz$/);
    });
  });

  describe('during unpacking', () => {
    let archive: string;
    const limits = { maxEntries: 100, maxUnpacked: 10 * CONTENT.length };

    beforeAll(async () => {
      archive = join(home, 'archive.tar.gz');
      for (const name of ['first', 'second']) await writeFile(join(home, name), CONTENT);
      await run(['tar', '--create', '--gzip', '--file', archive, '-C', home, 'first', 'second']);
    });

    const unpackInto = (folder: string) => unpack(archive, folder, { limits });

    it.each([
      ['first', 16 * PAGE],
      ['second', CONTENT.length + 16 * PAGE],
    ])('is named with the member %s, and nothing is left of it', async (member, room) => {
      const before = await left();
      await disk.fill(room);
      await expect(unpackInto(join(disk.folder, 'tree'))).rejects.toMatchObject({
        code: 'ARCHIVE.BROKEN',
        message: `archive ${archive}, member "${member}": cannot be written: its disk is full, make room on it`,
      });
      expect(await left()).toEqual(before);
    });

    it('is no fault of a later one', async () => {
      await unpackInto(join(disk.folder, 'tree'));
      expect((await readdir(join(disk.folder, 'tree'))).sort()).toEqual(['first', 'second']);
    });
  });
});
