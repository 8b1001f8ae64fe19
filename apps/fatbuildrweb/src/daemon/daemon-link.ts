import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { messageOf } from '@fatbuildr/errors';
import { DbusClient, SYSTEM_BUS_SOCKET, type Bus } from '@fatbuildr/protocol-dbus';
import { TasksService } from '@fatbuildr/tasks';
import { queueUnreachable } from './daemon.errors';

/** Milliseconds a daemon that the bus starts gets until it answers. */
const WAKE_LIMIT_MS = 25_000;
/** Milliseconds the queue may take to answer. */
const QUEUE_LIMIT_MS = 5_000;

/** The way to the daemon that runs the tasks. It need not be there for anything that is only read. */
@Injectable()
export class DaemonLink {
  private readonly logger = new Logger('daemon');

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly tasks: TasksService,
  ) {}

  /**
   * Wakes an idle daemon where a bus can, and makes sure that a task can be queued.
   *
   * @throws FatbuildrError `DAEMON.UNREACHABLE`
   */
  async ready(instance: string): Promise<void> {
    await this.wake(instance);
    const silence = new AbortController();
    const limit = delay(QUEUE_LIMIT_MS, false, { ref: false, signal: silence.signal });
    const answer = this.tasks.queuesAnswer().then(() => true);
    const answers = await Promise.race([answer, limit]).catch(() => false);
    silence.abort();
    if (!answers) throw queueUnreachable();
  }

  /** The daemon may run on another host, or be started by other means: a bus without it is no fault. */
  async wake(instance: string): Promise<void> {
    const bus = await this.bus();
    if (bus === undefined) return;
    const call = DbusClient.connect(bus, instance).then((client) => client.close());
    const limit = delay(WAKE_LIMIT_MS, undefined, { ref: false });
    await Promise.race([call, limit]).catch((fault: unknown) => {
      this.logger.debug(`the daemon was not woken: ${messageOf(fault)}`);
    });
  }

  private async bus(): Promise<Bus | undefined> {
    const { daemon, dirs } = this.configuration;
    // A daemon that has a bus of its own says where.
    const own = await readFile(join(dirs.run, 'bus.address'), 'utf8').catch(() => '');
    if (own !== '') return { kind: 'address', address: own.trim() };
    switch (daemon.bus) {
      case 'private':
        return undefined;
      case 'system':
      case 'session':
        return { kind: daemon.bus };
      case 'auto':
        return existsSync(SYSTEM_BUS_SOCKET) ? { kind: 'system' } : undefined;
      default:
        return { kind: 'address', address: daemon.bus };
    }
  }
}
