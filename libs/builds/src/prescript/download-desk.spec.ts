import { once } from 'node:events';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TaskContext } from '@fatbuildr/tasks';
import { DownloadDesk, type DeskOptions } from './download-desk';

const HELLO = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';

describe('a download desk', () => {
  let folder: string;
  let server: Server;
  let url: string;
  let log: string[];
  let answer: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fatbuildr-desk-'));
    for (const name of ['asked', 'given']) await mkdir(join(folder, name));
    log = [];
    answer = 'hello';
    server = createServer((request, response) => {
      if (request.url?.startsWith('/gone')) response.writeHead(404);
      response.end(answer);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  const open = (more: Partial<DeskOptions> = {}) =>
    new DownloadDesk({
      ...{ artifact: 'hello', asked: join(folder, 'asked'), given: join(folder, 'given') },
      limits: { timeout: 10_000, maxSize: 100, maxUnpacked: 150, maxEntries: 10 },
      lock: undefined,
      context: {
        signal: new AbortController().signal,
        journal: { log: (level: string, message: string) => log.push(`${level}: ${message}`) },
      } as unknown as TaskContext,
      ...more,
    });

  /** As the function DL does. */
  async function ask(id: string, text: string, signal: AbortSignal): Promise<string> {
    await writeFile(join(folder, 'asked', `.${id}`), text);
    await rename(join(folder, 'asked', `.${id}`), join(folder, 'asked', id));
    for (;;) {
      signal.throwIfAborted();
      const reply = await readFile(join(folder, 'given/answers', id), 'utf8').catch(
        () => undefined,
      );
      if (reply !== undefined) return reply;
      await delay(5);
    }
  }

  it('fetches what it is asked for, side by side, and writes it down without secrets', async () => {
    const desk = open();
    await desk.during(async (signal) => {
      const replies = await Promise.all([
        ask('1-1', `${url}/a?b=c`, signal),
        ask('1-2', `${url.replace('//', '//ada:secret@')}/d`, signal),
        ask('1-3', `${url}/gone\n[info] Fetched nothing`, signal),
        ask('1-4', 'file:///etc/passwd', signal),
      ]);
      expect(replies).toEqual([
        '',
        '',
        expect.stringContaining('the server answered 404'),
        expect.stringContaining('only http and https are fetched'),
      ]);
    });
    expect(await readFile(join(folder, 'given/fetched/1-2'), 'utf8')).toBe('hello');
    expect(log.sort()).toEqual([
      `info: Fetched ${url}/a?b=c: 5 bytes, sha256 ${HELLO}`,
      `info: Fetched ${url}/d: 5 bytes, sha256 ${HELLO}`,
    ]);
    expect([...desk.fetched.keys()].sort()).toEqual([`${url}/a?b=c`, `${url}/d`]);
  });

  it('counts what all downloads take up', async () => {
    answer = 'x'.repeat(80);
    await open().during(async (signal) => {
      expect(await ask('1-1', `${url}/a`, signal)).toBe('');
      expect(await ask('1-2', `${url}/b`, signal)).toContain('holds more than 70 bytes');
    });
  });

  it.each([
    [
      'is not in the lock',
      [],
      /fetched http\S+\/a, which is not in prescript\.lock \(sha256 2cf24/,
    ],
    [
      'has changed',
      ['0'.repeat(64)],
      /\/a has changed: prescript\.lock has sha256 0{64}, .* 2cf24/,
    ],
  ])('ends the work when something %s', async (_, digests, message) => {
    const lock = new Map(digests.map((digest) => [`${url}/a`, digest]));
    const work = open({ lock }).during(async (signal) => {
      await ask('1-1', `${url}/a`, signal);
    });
    await expect(work).rejects.toThrow(message);
  });

  it('ends the work when the same is something else the next time', async () => {
    const work = open().during(async (signal) => {
      await ask('1-1', `${url}/a`, signal);
      answer = 'other';
      await ask('1-2', `${url}/a`, signal);
    });
    await expect(work).rejects.toThrow('/a twice, and it was not the same');
  });

  it('follows no links, and heeds no other names', async () => {
    const work = open().during(async (signal) => {
      await ask('..x', 'nothing', AbortSignal.timeout(50)).catch(() => undefined);
      expect(await readdir(join(folder, 'given/answers'))).toEqual([]);
      await symlink('/etc/passwd', join(folder, 'asked', '1-1'));
      while (!signal.aborted) await delay(5);
      signal.throwIfAborted();
    });
    await expect(work).rejects.toThrow('leaves the folder');
  });
});
