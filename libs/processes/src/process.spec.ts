import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { run, start } from './process';

function groupLives(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
}

describe('run', () => {
  it('collects standard output and hands arguments on as they are', async () => {
    const result = await run(['printf', '%s|', 'a b', '$HOME; x', '*']);
    expect(result.stdout.toString()).toBe('a b|$HOME; x|*|');
    expect(result.status).toBe(0);
  });

  it('streams input and output', async () => {
    const output = new PassThrough();
    const chunks: Buffer[] = [];
    output.on('data', (chunk: Buffer) => chunks.push(chunk));
    const big = Buffer.alloc(1024 * 1024, 'x');
    await run(['cat'], { stdin: Readable.from([big, big]), stdout: output });
    expect(Buffer.concat(chunks)).toHaveLength(2 * 1024 * 1024);
    const heard: string[] = [];
    await run(['sh', '-c', 'echo out; echo err >&2'], {
      stdout: (chunk) => heard.push(`1${chunk.toString()}`),
      stderr: (chunk) => heard.push(`2${chunk.toString()}`),
    });
    expect(heard.sort()).toEqual(['1out\n', '2err\n']);
  });

  it('names program, status and last words of a command that fails', async () => {
    await expect(run(['sh', '-c', 'echo one >&2; echo two >&2; exit 3'])).rejects.toMatchObject({
      code: 'PROCESS.FAILED',
      message: '"sh" exited with status 3: one\ntwo',
      details: { program: 'sh', status: 3, killedBy: null },
    });
    expect((await run(['sh', '-c', 'exit 3'], { accept: [0, 3] })).status).toBe(3);
    await expect(run(['sh', '-c', 'kill -9 $$'])).rejects.toThrow('"sh" was stopped by SIGKILL');
  });

  it('tells a missing program from a missing folder', async () => {
    await expect(run(['no-such-program-here'])).rejects.toMatchObject({
      code: 'PROCESS.MISSING',
      message: expect.stringContaining('"no-such-program-here" is not installed') as string,
    });
    await expect(run(['true'], { cwd: '/no/such/folder' })).rejects.toMatchObject({
      code: 'PROCESS.NO_FOLDER',
      message: expect.stringContaining('/no/such/folder') as string,
    });
  });

  it('kills a whole group, and waits for nothing that left it', async () => {
    const stop = new AbortController();
    let pids = '';
    const script = 'sleep 1000 & setsid sleep 1000 & echo $$ $!; wait';
    const ended = run(['sh', '-c', script], {
      group: true,
      signal: stop.signal,
      stdout: (chunk) => {
        pids = chunk.toString();
        stop.abort();
      },
    });
    await expect(ended).rejects.toThrow('"sh" was stopped by SIGKILL');
    const [group = 0, left = 0] = pids.trim().split(' ').map(Number);
    process.kill(left, 'SIGKILL');
    // Killed, and gone as soon as their parent has noticed.
    while (groupLives(group)) await new Promise(setImmediate);
    await expect(run(['true'], { group: true, signal: stop.signal })).rejects.toThrow(/abort/);
  });

  it('leaves the verdict to a program that stops reading early', async () => {
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(65_536));
      },
    });
    const { stdout } = await run(['head', '-c', '3'], { stdin: endless });
    expect(stdout).toHaveLength(3);
  });

  it('fails when its input does', async () => {
    const broken = new Readable({
      read() {
        this.destroy(new Error('torn input'));
      },
    });
    await expect(run(['cat'], { stdin: broken })).rejects.toThrow('torn input');
  });

  it('stops at an abort and at the time limit', async () => {
    const abort = new AbortController();
    const running = run(['sh', '-c', 'echo ready; exec sleep 100'], {
      signal: abort.signal,
      stdout: () => abort.abort(),
    });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    await expect(run(['sleep', '100'], { timeout: 50 })).rejects.toThrow('was stopped by SIGKILL');
  });

  it('hands on no variables of ours', async () => {
    process.env.OURS = 'secret';
    try {
      const { stdout } = await run(['env']);
      expect(stdout.toString()).not.toContain('secret');
      expect(stdout.toString()).toContain('LC_ALL=C.UTF-8');
    } finally {
      delete process.env.OURS;
    }
  });
});

describe('start', () => {
  it('stops a server gently, one that does not listen by force', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'process-'));
    const gentle = start(['sleep', '100'], { cwd: folder });
    await once(gentle.child, 'spawn');
    await gentle.stop();
    expect(gentle.child.signalCode).toBe('SIGTERM');
    await gentle.stop();

    const deaf = start(['sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 0.05; done'], {
      stdio: 'pipe',
    });
    await once(deaf.child.stdout!, 'data');
    await deaf.stop(50);
    expect(deaf.child.signalCode).toBe('SIGKILL');
    await rm(folder, { recursive: true });
  });

  it('does not wait for a program that could not be started', async () => {
    const server = start(['no-such-program-here']);
    await expect(server.stop()).resolves.toBeUndefined();
  });
});
