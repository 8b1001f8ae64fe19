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
import { RunningTasks } from './running-tasks';
import { TaskCancellations } from './task-cancellations';
import { TaskQueues } from './task-queues';
import type { TaskEntity } from './tasks.entity';
import {
  cancelledBy,
  endedAlready,
  unattended,
  unknownTask,
  workspacesTooDeep,
} from './tasks.errors';
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
    private readonly runningTasks: RunningTasks,
    private readonly cancellations: TaskCancellations,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /**
   * Submits a task: its workspace is made, then its row, then its job.
   *
   * @param parameters of the task; a function gets the workspace first, to move files into it
   * @param retries id of the task this one repeats
   * @param id of the task, for who has promised it already
   * @returns the id of the task
   */
  async submit(
    instance: string,
    user: string,
    parameters: TaskParameters | ((workspace: string) => Promise<TaskParameters>),
    retries: string | null = null,
    id: string = randomUUID(),
  ): Promise<string> {
    const place = this.workspace(instance, id);
    const socket = join(place, CONSOLE_SOCKET);
    if (Buffer.byteLength(socket) > SOCKET_PATH_BYTES) {
      throw workspacesTooDeep(socket, SOCKET_PATH_BYTES);
    }
    // Who may come here at all is decided at the folder of all workspaces.
    await mkdir(place, { recursive: true, mode: 0o755 });
    try {
      const known = typeof parameters === 'function' ? await parameters(place) : parameters;
      await this.submissions.runExclusive(async () => {
        await this.store.insert({ id, instance, user, parameters: known, place, retries });
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
    return describe(await this.find(instance, id));
  }

  /**
   * Ends a task before its time: it fails with the reason "cancelled by …". A pending one never runs, a
   * running one is told to end.
   *
   * @returns whether the task has ended; `false` for a running one, which ends as soon as it can
   * @throws FatbuildrError `TASKS.UNKNOWN`, `TASKS.ENDED`, `TASKS.UNATTENDED`
   */
  async cancel(instance: string, id: string, user: string): Promise<boolean> {
    const { place } = await this.find(instance, id);
    const reason = cancelledBy(user);
    if (await this.store.finishPending(id, reason.message)) {
      await this.queues.remove(instance, id).catch((fault: unknown) => {
        // Its row is taken: a job that remains does nothing.
        this.logger.warn(`task ${id} remains in its queue: ${messageOf(fault)}`);
      });
      await this.endJournal(id, place, reason.message);
      this.announce({ instance, id, state: 'finished', result: 'failed' });
      return true;
    }
    if (this.runningTasks.abort(id, reason)) return false;
    const { state, result } = await this.find(instance, id);
    if (state !== 'running' || this.cancellations.listening) throw endedAlready(id, result);
    if (await this.cancellations.send({ id, user })) return false;
    throw unattended(id);
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
      await this.endJournal(task.id, task.place, reason);
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

  private async find(instance: string, id: string): Promise<TaskEntity> {
    const task = await this.store.find(id);
    if (task === undefined || task.instance !== instance) throw unknownTask(id, instance);
    return task;
  }

  /** Of a task that nobody runs; a workspace that was damaged or removed keeps nobody from going on. */
  private async endJournal(id: string, place: string, reason: string): Promise<void> {
    await closeAbandonedJournal(join(place, JOURNAL_FILE), reason).catch((fault: unknown) =>
      this.logger.warn(`the journal of task ${id} has no end: ${messageOf(fault)}`),
    );
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

export function describe(task: TaskEntity): TaskDescription {
  return {
    ...task.parameters,
    id: task.id,
    user: task.user,
    submission: Math.floor(task.submitted / 1000),
    place: task.place,
    state: task.state,
    result: task.result,
    ...(task.retries === null ? {} : { retries: task.retries }),
    ...(task.reason === null ? {} : { reason: task.reason }),
    io: {
      interactive: false,
      console: join(task.place, CONSOLE_SOCKET),
      journal: { path: join(task.place, JOURNAL_FILE) },
    },
  };
}
