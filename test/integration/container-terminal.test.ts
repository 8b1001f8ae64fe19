import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Test, type TestingModule } from '@nestjs/testing';
import { ConfigModule, type Configuration } from '@fatbuildr/config';
import {
  CONTAINER_ENGINE,
  ContainersModule,
  type ContainerEngine,
  type RunningContainer,
} from '@fatbuildr/containers';
import type { WindowSize } from '@fatbuildr/protocol';
import { tinyRoot } from './support/tiny-root';

const IMAGE = 'localhost/fatbuildr/test/terminal:latest';

describe('a command on a terminal in a container', () => {
  let home: string;
  let module: TestingModule;
  let engine: ContainerEngine;
  let container: RunningContainer;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'fatbuildr-terminal-'));
    const configuration = {
      dirs: { state: join(home, 'state'), run: join(home, 'run') },
      containers: { engine: 'auto' },
    } as Configuration;
    module = await Test.createTestingModule({
      imports: [ConfigModule.forRoot(configuration), ContainersModule],
    }).compile();
    engine = module.get(CONTAINER_ENGINE);
    const tar = await tinyRoot(home, ['stty', 'tty']);
    await engine.importImage(createReadStream(tar), { name: IMAGE, labels: {} });
  }, 120_000);
  beforeEach(async () => {
    const owner = { instance: 'test', task: 'task-1' };
    container = await engine.start({ image: IMAGE, owner, network: 'none' });
  });
  afterEach(() => container.remove());
  afterAll(async () => {
    await engine.removeLeftovers();
    await engine.removeImage(IMAGE);
    await module.close();
    await rm(home, { recursive: true, force: true });
  }, 60_000);

  /** A command somebody sits in front of. */
  class Sitting {
    readonly input = new PassThrough();
    readonly status: Promise<number>;
    private printed = '';
    private resized: (size: WindowSize) => void = () => undefined;
    private heard: () => void = () => undefined;

    constructor(script: string, signal?: AbortSignal) {
      this.status = container.exec(
        { argv: ['sh', '-c', script], environment: { TERM: 'vt100' } },
        {
          input: this.input,
          terminal: {
            size: { rows: 33, columns: 101 },
            onResize: (listener) => (this.resized = listener),
          },
          output: (chunk) => {
            this.printed += chunk.toString();
            this.heard();
          },
          signal,
        },
      );
    }

    resize(rows: number, columns: number): void {
      this.resized({ rows, columns });
    }

    /** Resolves when it has printed the text. */
    async prints(text: string): Promise<string> {
      while (!this.printed.includes(text)) {
        await new Promise<void>((resolve) => (this.heard = resolve));
      }
      return this.printed;
    }
  }

  it('has the window it began with, the type that was asked for, and an exit status', async () => {
    const sitting = new Sitting('tty; echo $TERM; stty size; exit 7');
    const printed = await sitting.prints('33 101');
    expect(printed).toMatch(/^\/dev\/pts\/\d+\r\nvt100\r\n33 101\r\n$/);
    expect(await sitting.status).toBe(7);
  });

  it('is told when the window changes', async () => {
    const sitting = new Sitting('trap "stty size; exit 0" WINCH; echo ready; while :; do :; done');
    await sitting.prints('ready');
    sitting.resize(20, 60);
    await sitting.prints('20 60');
    expect(await sitting.status).toBe(0);
  });

  it('gets what is typed: lines, Ctrl-C, the end of input', async () => {
    const sitting = new Sitting('trap "echo interrupted" INT; echo ready; cat; cat; echo over');
    await sitting.prints('ready');
    sitting.input.write('typed\r');
    await sitting.prints('typed\r\ntyped\r\n');
    sitting.input.write('\x03');
    await sitting.prints('interrupted');
    sitting.input.write('\x04');
    await sitting.prints('over');
    expect(await sitting.status).toBe(0);
  });

  it('gets every key when it asks for raw ones, as full-screen programs do', async () => {
    const sitting = new Sitting('stty raw -echo; echo ready; head -c 3 | cat -v; stty sane');
    await sitting.prints('ready');
    sitting.input.write('\x03\x04q');
    await sitting.prints('^C^Dq');
    expect(await sitting.status).toBe(0);
  });

  it('ends when its task is told to end', async () => {
    const controller = new AbortController();
    const sitting = new Sitting('echo ready; cat', controller.signal);
    await sitting.prints('ready');
    controller.abort(new Error('cancelled'));
    await expect(sitting.status).rejects.toThrow('cancelled');
  });

  it('leaves the paths it changed, and none when it changed nothing', async () => {
    const before = await container.changedPaths();
    expect(await new Sitting('cat /etc/hosts').status).toBe(0);
    expect(await container.changedPaths()).toEqual(before);
    expect(await new Sitting('echo x > /mnt/left').status).toBe(0);
    expect(await container.changedPaths()).toContain('/mnt/left');
  });
});
