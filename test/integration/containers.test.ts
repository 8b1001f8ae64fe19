import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { createReadStream, existsSync } from 'node:fs';
import { Test, type TestingModule } from '@nestjs/testing';
import { ConfigModule, type Configuration } from '@fatbuildr/config';
import {
  CONTAINER_ENGINE,
  ContainersModule,
  type ContainerEngine,
  type ContainerSettings,
} from '@fatbuildr/containers';
import { run } from '@fatbuildr/processes';
import { tinyRoot } from './support/tiny-root';

const IMAGE = 'localhost/fatbuildr/test/tiny:latest';
const owner = { instance: 'test', task: 'task-1' };
const confined: ContainerSettings = { image: IMAGE, owner, network: 'none' };

describe('container engine', () => {
  let home: string;
  let engine: ContainerEngine;
  const modules: TestingModule[] = [];

  beforeAll(async () => {
    // A long home: socket and run-time paths must not depend on its length.
    home = join(await mkdtemp(join(tmpdir(), 'fatbuildr-containers-')), 'h'.repeat(100));
    await mkdir(home, { recursive: true });
    engine = await connect(join(home, 'state'), 'auto');
    const tar = await tinyRoot(home);
    await engine.importImage(createReadStream(tar), {
      name: IMAGE,
      labels: { kind: 'a test; of=labels' },
      environment: { GREETING: 'hello there' },
    });
  }, 120_000);

  afterAll(async () => {
    await engine.removeLeftovers();
    await engine.removeImage(IMAGE);
    for (const module of modules.reverse()) await module.close();
    await rm(join(home, '..'), { recursive: true, force: true });
  }, 60_000);

  /** The engine as a daemon with that state folder has it. */
  async function connect(state: string, name: string): Promise<ContainerEngine> {
    const configuration = {
      dirs: { state, run: join(home, 'run') },
      containers: { engine: name },
    } as Configuration;
    const module = await Test.createTestingModule({
      imports: [ConfigModule.forRoot(configuration), ContainersModule],
    }).compile();
    modules.push(module);
    return module.get(CONTAINER_ENGINE);
  }

  async function printed(settings: Partial<ContainerSettings>, ...argv: [string, ...string[]]) {
    const chunks: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' };
    const status = await engine.run(
      { ...confined, ...settings, argv },
      { output: (chunk, stream) => (chunks[stream] += chunk.toString('utf8')) },
    );
    return { status, ...chunks };
  }

  it('gives back exit status and both output streams of a command', async () => {
    expect(await printed({}, 'sh', '-c', 'echo out; echo err >&2; exit 5')).toEqual({
      status: 5,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('keeps a container over the end of its engine, for who resumes it', async () => {
    const folder = await mkdtemp(join(home, 'mounted-'));
    const mounts = [{ source: folder, target: '/mnt' }];
    const task = { ...owner, task: 'kept' };
    const container = await engine.start({ ...confined, owner: task, mounts });
    const { id } = container;
    await container.exec({ argv: ['sh', '-c', 'echo half > /tmp/made; echo half > /mnt/made'] });
    await container.keep();
    await container.remove();
    await modules.pop()!.close();
    engine = await connect(join(home, 'state'), 'auto');
    expect(await engine.containers()).toContainEqual({ id, ...task });
    const resumed = await engine.resume(id);
    const output: Buffer[] = [];
    const read = { argv: ['cat', '/tmp/made', '/mnt/made'] } as const;
    await resumed.exec(read, { output: (chunk) => output.push(chunk) });
    expect(Buffer.concat(output).toString()).toBe('half\nhalf\n');
    // A command that is told to end ends, and the container stays.
    const signal = AbortSignal.timeout(100);
    await expect(resumed.exec({ argv: ['sleep', '60'] }, { signal })).rejects.toThrow();
    expect(await engine.halt(id)).toBe(true);
    await (await engine.resume(id)).remove();
    expect(await engine.halt(id)).toBe(true);
    await engine.removeContainer(id);
    expect(await engine.halt(id)).toBe(false);
    await expect(engine.resume(id)).rejects.toMatchObject({ code: 'CONTAINERS.FAILED' });
    expect(await engine.storage()).toMatch(/^\//);
  }, 60_000);

  it('hands over every byte of a large output', async () => {
    let bytes = 0;
    const size = 20_000_000;
    await engine.run(
      { ...confined, argv: ['head', '-c', String(size), '/dev/zero'] },
      { output: (chunk) => (bytes += chunk.length) },
    );
    expect(bytes).toBe(size);
  });

  it('hands arguments over as they are, without a shell', async () => {
    const { stdout } = await printed({}, 'sh', '-c', 'echo "$1"', 'sh', '$(id); "x" \'y\'');
    expect(stdout).toBe('$(id); "x" \'y\'\n');
  });

  it('runs without capabilities, new privileges or network unless asked', async () => {
    const { stdout } = await printed(
      {},
      'sh',
      '-c',
      'grep -E "CapEff|CapBnd|NoNewPrivs" /proc/self/status; grep -c : /proc/net/dev',
    );
    expect(stdout.replace(/\t/g, ' ')).toBe(
      'CapEff: 0000000000000000\nCapBnd: 0000000000000000\nNoNewPrivs: 1\n1\n',
    );
  });

  it('grants the capabilities asked for and no others', async () => {
    const { stdout } = await printed(
      { capabilities: ['CHOWN'] },
      'grep',
      'CapEff',
      '/proc/self/status',
    );
    expect(stdout).toMatch(/0000000000000001$/m);
  });

  it('shows a read-only mount and refuses to write to it', async () => {
    const source = join(home, 'mo:unt');
    await mkdir(source, { recursive: true });
    await writeFile(join(source, 'file'), 'content');
    const settings = { mounts: [{ source, target: '/mnt', readOnly: true }] };
    expect((await printed(settings, 'cat', '/mnt/file')).stdout).toBe('content');
    expect((await printed(settings, 'touch', '/mnt/other')).status).not.toBe(0);
    settings.mounts[0]!.readOnly = false;
    expect((await printed(settings, 'touch', '/mnt/other')).status).toBe(0);
    await readFile(join(source, 'other'));
  });

  it('runs commands in a waiting container with user, folder and variables of their own', async () => {
    const container = await engine.start(confined);
    try {
      let output = '';
      const status = await container.exec(
        {
          argv: ['sh', '-c', 'id -u; pwd; echo "$A $GREETING"; exit 3'],
          user: '1234:1234',
          workdir: '/tmp',
          environment: { A: 'b' },
        },
        { output: (chunk) => (output += chunk.toString('utf8')) },
      );
      expect({ status, output }).toEqual({ status: 3, output: '1234\n/tmp\nb hello there\n' });
      expect(await container.exec({ argv: ['no-such-program'] })).toBe(127);
    } finally {
      await container.remove();
    }
  });

  it('feeds a waiting command its input, to the end of it', async () => {
    const container = await engine.start(confined);
    try {
      const input = new PassThrough();
      const chunks: Buffer[] = [];
      const ended = container.exec(
        { argv: ['sh', '-c', 'cat; echo end'] },
        { input, output: (chunk) => chunks.push(chunk) },
      );
      input.write('first\n');
      input.end('second\n');
      expect(await ended).toBe(0);
      expect(Buffer.concat(chunks).toString('utf8')).toBe('first\nsecond\nend\n');
    } finally {
      await container.remove();
    }
  });

  it('commits a container to an image with labels, found by them', async () => {
    const name = 'localhost/fatbuildr/test/committed:latest';
    const container = await engine.start(confined);
    try {
      expect(await container.exec({ argv: ['sh', '-c', 'echo kept > /tmp/kept'] })).toBe(0);
      const image = await container.commit({ name, labels: { layer: 'l1' } });
      expect(image.labels).toMatchObject({ kind: 'a test; of=labels', layer: 'l1' });
    } finally {
      await container.remove();
    }
    expect((await engine.listImages({ layer: 'l1' })).map((image) => image.names)).toEqual([
      [name],
    ]);
    expect(await printed({ image: name }, 'cat', '/tmp/kept')).toMatchObject({
      status: 0,
      stdout: 'kept\n',
    });
    await engine.tagImage(name, 'localhost/fatbuildr/test/other:v2');
    await engine.removeImage(name);
    expect(await engine.inspectImage(name)).toBeUndefined();
    expect(await engine.inspectImage('localhost/fatbuildr/test/other:v2')).toBeDefined();
    await engine.removeImage('localhost/fatbuildr/test/other:v2');
  });

  it('kills the container when the signal is aborted', async () => {
    const controller = new AbortController();
    const running = engine.run(
      { ...confined, argv: ['sh', '-c', 'echo started; sleep 1000'] },
      { signal: controller.signal, output: () => controller.abort(new Error('cancelled by user')) },
    );
    await expect(running).rejects.toThrow('cancelled by user');
    expect(await engine.removeLeftovers()).toBe(0);
  });

  it('ends a command of a waiting container when the signal is aborted', async () => {
    const container = await engine.start(confined);
    const controller = new AbortController();
    const running = container.exec(
      { argv: ['sh', '-c', 'echo started; sleep 1000'] },
      { signal: controller.signal, output: () => controller.abort(new Error('cancelled by user')) },
    );
    await expect(running).rejects.toThrow('cancelled by user');
    await container.remove();
    expect(await engine.removeLeftovers()).toBe(0);
  });

  it('kills what runs longer than its time limit', async () => {
    await expect(
      engine.run({ ...confined, argv: ['sleep', '1000'] }, { timeout: 200 }),
    ).rejects.toMatchObject({ code: 'CONTAINERS.TIMEOUT' });
  });

  it('removes the leftovers of one task and leaves those of others and other homes alone', async () => {
    const mine = await engine.start({ ...confined, owner: { instance: 'test', task: 'lost' } });
    const other = await engine.start(confined);
    const elsewhere = await connect(join(home, 'elsewhere'), await engine.endpoint());
    expect(await elsewhere.removeLeftovers()).toBe(0);
    expect(await engine.removeLeftovers({ instance: 'test', task: 'lost' })).toBe(1);
    expect(await other.exec({ argv: ['sh', '-c', 'exit 0'] })).toBe(0);
    await other.remove();
    await mine.remove();
  });

  it('starts its own service anew when that was killed', async () => {
    const service = `service --time=0 unix://${await engine.endpoint()}`;
    const { stdout } = await run(['pgrep', '--full', '--', service]);
    const pid = Number(stdout.toString('utf8').split('\n')[0]);
    process.kill(pid, 'SIGKILL');
    while (existsSync(`/proc/${pid}`)) await new Promise(setImmediate);
    // The first call either meets the dead service, and says so, or comes after its end was noticed.
    await engine.inspectImage(IMAGE).catch((fault: unknown) => {
      expect(fault).toMatchObject({ code: 'CONTAINERS.UNREACHABLE' });
    });
    expect(await engine.inspectImage(IMAGE)).toBeDefined();
  });

  it('names a missing image', async () => {
    await expect(
      engine.run({ ...confined, image: 'localhost/fatbuildr/none:latest', argv: ['id'] }),
    ).rejects.toMatchObject({
      code: 'CONTAINERS.IMAGE_MISSING',
      message: expect.stringContaining('localhost/fatbuildr/none:latest'),
    });
    expect(await engine.inspectImage('localhost/fatbuildr/none:latest')).toBeUndefined();
    await engine.removeImage('localhost/fatbuildr/none:latest');
  });

  it('says what was tried when the configured engine does not answer', async () => {
    const lost = await connect(join(home, 'state'), '/nonexistent/engine.sock');
    await expect(lost.listImages({})).rejects.toMatchObject({
      code: 'CONTAINERS.UNREACHABLE',
      message: expect.stringContaining('/nonexistent/engine.sock ([containers] engine)'),
    });
  });
});
