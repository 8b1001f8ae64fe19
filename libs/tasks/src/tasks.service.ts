import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { messageOf } from '@fatbuildr/errors';
import { removeTree } from '@fatbuildr/processes';
import type { TaskDescription, TaskParameters, TaskResult, TaskState } from '@fatbuildr/protocol';
import { Mutex } from 'async-mutex';
import { closeAbandonedJournal } from './journal-file';
import { TaskQueues } from './task-queues';
import type { TaskEntity } from './tasks.entity';
import { unknownTask, workspacesTooDeep } from './tasks.errors';
import { TasksStore } from './tasks.store';

/** Longest path of a Unix socket: `sun_path` of unix(7) without its closing zero. */
const SOCKET_PATH_BYTES = 107;

export const JOURNAL_FILE = 'task.journal';
export const CONSOLE_SOCKET = 'console.sock';
/** What a task needs only while it runs. */
export const SCRATCH = 'scratch';

export interface TaskChange {
  instance: string;
  id: string;
  state: TaskState;
  result: TaskResult;
}

/** Tasks of all instances: their submission, their state and what they left. */
@Injectable()
export class TasksService {
  private readonly logger = new Logger('tasks');
  private readonly events = new EventEmitter();
  /** One submission at a time: rows and queue get the same order. */
  private readonly submissions = new Mutex();

  constructor(
    private readonly store: TasksStore,
    private readonly queues: TaskQueues,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /**
   * Submits a task: its workspace is made, then its row, then its job.
   *
   * @param parameters of the task; a function gets the workspace first, to move files into it
   * @returns the id of the task
   */
  async submit(
    instance: string,
    user: string,
    parameters: TaskParameters | ((workspace: string) => Promise<TaskParameters>),
  ): Promise<string> {
    const id = randomUUID();
    const place = this.workspace(instance, id);
    const socket = join(place, CONSOLE_SOCKET);
    if (Buffer.byteLength(socket) > SOCKET_PATH_BYTES) {
      throw workspacesTooDeep(socket, SOCKET_PATH_BYTES);
    }
    await mkdir(place, { recursive: true, mode: 0o750 });
    try {
      const known = typeof parameters === 'function' ? await parameters(place) : parameters;
      await this.submissions.runExclusive(async () => {
        await this.store.insert({ id, instance, user, parameters: known, place });
        await this.queues.add(instance, id);
      });
    } catch (fault) {
      // What the client is told to have failed must not run after the next start.
      const refused = await this.store.finish(id, 'failed', 'it could not be queued', []);
      if (!refused) await this.remove(place);
      throw fault;
    }
    this.announce({ instance, id, state: 'pending', result: 'unknown' });
    return id;
  }

  async queue(instance: string): Promise<TaskDescription[]> {
    return (await this.store.inState(instance, 'pending')).map(describe);
  }

  /** Running tasks, the oldest first. */
  async running(instance: string): Promise<TaskDescription[]> {
    return (await this.store.inState(instance, 'running')).map(describe);
  }

  async history(instance: string, limit: number): Promise<TaskDescription[]> {
    return (await this.store.ended(instance, limit)).map(describe);
  }

  async get(instance: string, id: string): Promise<TaskDescription> {
    const task = await this.store.find(id);
    if (task === undefined || task.instance !== instance) throw unknownTask(id, instance);
    return describe(task);
  }

  onChange(listener: (change: TaskChange) => void): void {
    this.events.on('change', listener);
  }

  announce(change: TaskChange): void {
    this.events.emit('change', change);
  }

  /**
   * Brings the tasks of an instance in order after a stop or a crash: what was running has failed, what
   * is pending is queued again, a workspace without a row is removed.
   *
   * @returns the ids of the tasks that were running
   */
  async recover(instance: string): Promise<string[]> {
    const reason = 'the daemon stopped while the task was running';
    const interrupted = await this.store.inState(instance, 'running');
    for (const task of interrupted) {
      this.logger.warn(`task ${task.id} (${task.parameters.name}) was interrupted: ${reason}`);
      // A workspace that was damaged or removed must not keep the daemon from its start.
      await closeAbandonedJournal(join(task.place, JOURNAL_FILE), reason).catch((fault: unknown) =>
        this.logger.warn(`the journal of task ${task.id} has no end: ${messageOf(fault)}`),
      );
      for (const left of [CONSOLE_SOCKET, SCRATCH]) await this.remove(join(task.place, left));
      await this.store.finish(task.id, 'failed', reason, task.steps);
    }
    await this.queues.reset(instance);
    for (const task of await this.store.inState(instance, 'pending')) {
      await this.queues.add(instance, task.id);
    }
    const folder = join(this.configuration.tasks.workspaces, instance);
    for (const name of await readdir(folder).catch(() => [])) {
      if ((await this.store.find(name)) === undefined) {
        await this.remove(join(folder, name));
      }
    }
    return interrupted.map(({ id }) => id);
  }

  private async remove(path: string): Promise<void> {
    await removeTree(path).catch((fault: unknown) => {
      this.logger.warn(`${path} remains: ${messageOf(fault)}`);
    });
  }

  private workspace(instance: string, id: string): string {
    return join(this.configuration.tasks.workspaces, instance, id);
  }
}

function describe(task: TaskEntity): TaskDescription {
  return {
    ...task.parameters,
    id: task.id,
    user: task.user,
    submission: Math.floor(task.submitted / 1000),
    place: task.place,
    state: task.state,
    result: task.result,
    io: {
      interactive: false,
      console: join(task.place, CONSOLE_SOCKET),
      journal: { path: join(task.place, JOURNAL_FILE) },
    },
  };
}
