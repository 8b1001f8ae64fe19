import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Test, type TestingModule } from '@nestjs/testing';
import { ConfigModule, type Configuration } from '@fatbuildr/config';
import { CONTAINER_ENGINE, ContainersModule, type ContainerEngine } from '@fatbuildr/containers';
import { TaskHost } from './support/task-host';
import { tinyRoot } from './support/tiny-root';

const IMAGE = 'localhost/fatbuildr/test/cancelled:latest';

describe('a task that is cancelled while its command runs in a container', () => {
  const host = new TaskHost();
  let containers: TestingModule;
  let engine: ContainerEngine;

  beforeAll(async () => {
    await host.start();
    const configuration = {
      dirs: { state: join(host.home, 'state'), run: join(host.home, 'run') },
      containers: { engine: 'auto' },
    } as Configuration;
    containers = await Test.createTestingModule({
      imports: [ConfigModule.forRoot(configuration), ContainersModule],
    }).compile();
    engine = containers.get(CONTAINER_ENGINE);
    const folder = join(host.home, 'tiny');
    await mkdir(folder);
    const tar = await tinyRoot(folder);
    await engine.importImage(createReadStream(tar), { name: IMAGE, labels: {} });
    await host.startWorkers();
  }, 120_000);
  afterAll(async () => {
    await host.stop();
    await engine.removeLeftovers();
    await engine.removeImage(IMAGE);
    await containers.close();
    await host.remove();
  }, 60_000);

  it.each([
    ['waits', 'echo at work; sleep 1000'],
    ['does not heed signals', 'trap "" TERM INT HUP; echo at work; while :; do :; done'],
    ['has left children behind', 'sleep 1000 & sleep 1000 & echo at work; wait'],
  ])('ends, and its container with it, when the command %s', async (_what, script) => {
    let atWork: () => void = () => undefined;
    const working = new Promise<void>((resolve) => (atWork = resolve));
    host.work = async ({ task, signal }) => {
      const container = { image: IMAGE, owner: { instance: 'default', task: task.id } } as const;
      const argv = ['/bin/sh', '-c', script] as const;
      await engine.run({ ...container, network: 'none', argv }, { signal, output: () => atWork() });
    };
    const id = await host.submit();
    await working;
    await host.cancel(id);
    expect(await host.ended(id)).toMatchObject({ result: 'failed', reason: 'cancelled by jane' });
    expect(await engine.removeLeftovers({ task: id })).toBe(0);
  });
});
