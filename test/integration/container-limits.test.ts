import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigModule, type Configuration } from '@fatbuildr/config';
import { CONTAINER_ENGINE, ContainersModule, type ContainerEngine } from '@fatbuildr/containers';
import { Test, type TestingModule } from '@nestjs/testing';
import { tinyRoot } from './support/tiny-root';

jest.setTimeout(120_000);

const IMAGE = 'localhost/fatbuildr/test/limits:latest';

describe('the limits of a container', () => {
  let home: string;
  let module: TestingModule;
  let engine: ContainerEngine;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'fatbuildr-limits-'));
    const configuration = {
      dirs: { state: join(home, 'state'), run: join(home, 'run') },
      containers: { engine: 'auto', maxMemory: 64e6, maxProcesses: 64 },
    } as Configuration;
    module = await Test.createTestingModule({
      imports: [ConfigModule.forRoot(configuration), ContainersModule],
    }).compile();
    engine = module.get(CONTAINER_ENGINE);
    const tar = await tinyRoot(home);
    await engine.importImage(createReadStream(tar), { name: IMAGE, labels: {} });
  });

  afterAll(async () => {
    await engine.removeLeftovers();
    await engine.removeImage(IMAGE);
    await module.close();
    await rm(home, { recursive: true, force: true });
  });

  /** What came of a shell script, and which limit it hit. */
  async function outcome(script: string) {
    const owner = { instance: 'test', task: 'task-1' };
    const container = await engine.start({ image: IMAGE, owner, network: 'none' });
    try {
      const status = await container.exec({ argv: ['sh', '-c', script] });
      return { failed: status !== 0, exhausted: await container.exhausted() };
    } finally {
      await container.remove();
    }
  }

  it.each([
    ['nothing', 'exit 3', true, undefined],
    ['memory', 'x=$(head -c 200000000 /dev/zero | cat -v)', true, 'memory'],
    [
      'memory, in a part of it that nobody waits for',
      'sh -c "x=\\$(head -c 200000000 /dev/zero | cat -v)"; exit 0',
      false,
      'memory',
    ],
    ['processes', 'i=0; while [ $i -lt 100 ]; do sleep 100 & i=$((i+1)); done', true, 'processes'],
  ])('tell what a command wanted more of: %s', async (_what, script, failed, exhausted) => {
    expect(await outcome(script)).toEqual({ failed, exhausted });
  });
});
