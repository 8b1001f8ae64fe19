import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { Mutex } from 'async-mutex';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { withPlace } from '@fatbuildr/errors';
import { registryRoot } from './pool';
import { locked } from './registries.errors';

interface Holder {
  pid: number;
  /** Start of the process in clock ticks since boot: tells a reused pid apart. */
  started: string;
  task: string;
  user: string;
}

/**
 * One change at a time in the registry of an instance and format. Within the process changes wait for each
 * other; another process is refused by a file, which a dead process's successor takes over.
 */
@Injectable()
export class PublicationLock {
  private readonly mutexes = new Map<string, Mutex>();

  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  /**
   * @throws FatbuildrError `REGISTRY.LOCKED` when another live process holds it, `DISK.UNWRITABLE` for a
   *   fault of the disk under the registry
   */
  async hold<T>(
    registry: { instance: string; format: string },
    by: { task: string; user: string },
    work: () => Promise<T>,
  ): Promise<T> {
    const name = `${registry.instance}-${registry.format}`;
    const mutex = this.mutexes.get(name) ?? new Mutex();
    this.mutexes.set(name, mutex);
    return mutex.runExclusive(async () => {
      const folder = join(this.configuration.dirs.state, 'locks');
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = join(folder, `registry-${name}.json`);
      await acquire(file, name, by);
      try {
        return await work();
      } catch (fault) {
        throw withPlace(
          fault,
          registryRoot(this.configuration, { id: registry.instance }, registry.format),
        );
      } finally {
        await rm(file, { force: true });
      }
    });
  }
}

async function acquire(
  file: string,
  name: string,
  { task, user }: { task: string; user: string },
): Promise<void> {
  const self: Holder = { pid: process.pid, started: await startOf(process.pid), task, user };
  for (;;) {
    try {
      const handle = await open(file, 'wx', 0o600);
      await handle.writeFile(JSON.stringify(self));
      await handle.close();
      return;
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw fault;
    }
    const holder = await readHolder(file);
    if (holder !== undefined && holder.started === (await startOf(holder.pid))) {
      throw locked(name, holder);
    }
    await rm(file, { force: true });
  }
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch {
    // Gone meanwhile, or torn by the death of its writer.
    return undefined;
  }
}

/** Field 22 of proc(5) `stat`, counted after the command name, which may hold blanks; empty when dead. */
async function startOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
