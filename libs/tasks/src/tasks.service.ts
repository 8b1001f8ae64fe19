import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { messageOf, withPlace } from '@fatbuildr/errors';
import { InstancesService } from '@fatbuildr/instances';
import { removeTree } from '@fatbuildr/processes';
import {
  isInteractive,
  type StepEstimate,
  type TaskDescription,
  type TaskFilter,
  type TaskParameters,
} from '@fatbuildr/protocol';
import { closeAbandonedJournal } from './journal-file';
import { RunningTasks } from './running-tasks';
import { estimateSteps } from './step-estimates';
import { TaskChannel, type TaskChange } from './task-channel';
import { claimsOf } from './task-claims';
import { outlooks } from './task-outlook';
import { TaskQueues } from './task-queues';
import type { TaskEntity } from './tasks.entity';
import {
  cancelledBy,
  endedAlready,
  nobodyRuns,
  unknownTask,
  workspacesTooDeep,
} from './tasks.errors';
import { TasksStore } from './tasks.store';

/** Longest path of a Unix socket: `sun_path` of unix(7) without its closing zero. */
const SOCKET_PATH_BYTES = 107;

/** Earlier tasks that an estimate goes by: more would remember how things were long ago. */
const SAMPLES = 9;

export const JOURNAL_FILE = 'task.journal';
export const CONSOLE_SOCKET = 'console.sock';
/** What a task needs only while it runs. */
export const SCRATCH = 'scratch';

export interface TaskLoad {
  pending: number;
  running: number;
}

/** Tasks of all instances: their submission, their state and what they left. */
@Injectable()
export class TasksService {
  private readonly logger = new Logger('tasks');
  private readonly events = new EventEmitter();
  private servesCancellation = false;

  constructor(
    private readonly store: TasksStore,
    private readonly queues: TaskQueues,
    private readonly channel: TaskChannel,
    private readonly runningTasks: RunningTasks,
    private readonly instances: InstancesService,
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
    await mkdir(place, { recursive: true, mode: 0o755 }).catch((fault: unknown) => {
      throw withPlace(fault, place);
    });
    try {
      const known = typeof parameters === 'function' ? await parameters(place) : parameters;
      // A job without a row does nothing, while a row is due as soon as it is seen.
      await this.queues.add(instance, id);
      await this.store.insert({ id, instance, user, parameters: known, place, retries });
    } catch (fault) {
      await this.unqueue(instance, id);
      await this.remove(place);
      throw fault;
    }
    this.announce({ instance, id, state: 'pending', result: 'unknown' });
    return id;
  }

  /** Waiting tasks in the order of their submission, each with its outlook. */
  async queue(instance: string): Promise<TaskDescription[]> {
    const tasks = await this.store.inState(instance, 'pending', 'running');
    const outlooks = await this.outlooks(instance, tasks);
    return tasks
      .filter(({ state }) => state === 'pending')
      .map((task) => ({ ...describe(task), ...outlooks.get(task.id) }));
  }

  /** Running tasks, the oldest first. */
  async running(instance: string): Promise<TaskDescription[]> {
    return (await this.store.inState(instance, 'running')).map(describe);
  }

  /** How many tasks of some instances wait and run. */
  async load(instances: readonly string[]): Promise<TaskLoad> {
    const [pending, running] = await Promise.all([
      this.store.count(instances, 'pending'),
      this.store.count(instances, 'running'),
    ]);
    return { pending, running };
  }

  /** Resolves when the server of the queues answers; while it does not, this waits. */
  queuesAnswer(): Promise<void> {
    return this.queues.answer();
  }

  async history(instance: string, limit: number): Promise<TaskDescription[]> {
    return (await this.store.ended(instance, limit)).map(describe);
  }

  /** Tasks in any state, the one submitted last first; a filter from outside is checked before. */
  async search(instance: string, filter: TaskFilter): Promise<TaskDescription[]> {
    const found = await this.store.matching(instance, filter);
    if (!found.some(({ state }) => state === 'pending')) return found.map(describe);
    const ahead = await this.store.inState(instance, 'pending', 'running');
    const waiting = await this.outlooks(instance, ahead);
    return found.map((task) => ({ ...describe(task), ...waiting.get(task.id) }));
  }

  /**
   * How long the steps of a task usually take: by the last ones of its kind that succeeded, else by those
   * of its artifact, else by those of its name. Empty when there were none.
   *
   * @throws FatbuildrError `TASKS.UNKNOWN`
   */
  async estimate(instance: string, id: string): Promise<StepEstimate[]> {
    const { kind, name, artifact } = await this.find(instance, id);
    for (const like of [{ kind }, ...(artifact === null ? [] : [{ name, artifact }]), { name }]) {
      const earlier = await this.store.stepsOf(instance, like, SAMPLES);
      if (earlier.length > 0) return estimateSteps(earlier);
    }
    return [];
  }

  async get(instance: string, id: string): Promise<TaskDescription> {
    const task = await this.find(instance, id);
    if (task.state !== 'pending') return describe(task);
    const ahead = await this.store.inState(instance, 'pending', 'running');
    return { ...describe(task), ...(await this.outlooks(instance, ahead)).get(id) };
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
      await this.unqueue(instance, id);
      await this.endJournal(id, place, reason.message);
      this.announce({ instance, id, state: 'finished', result: 'failed' });
      return true;
    }
    if (this.runningTasks.abort(id, reason)) return false;
    const { state, result } = await this.find(instance, id);
    if (state === 'finished' || this.servesCancellation) throw endedAlready(id, result);
    if (await this.channel.requestCancel({ id, user })) return false;
    throw nobodyRuns(id);
  }

  /** From here on this process ends the tasks it runs when another one asks for it. */
  async serveCancellation(): Promise<void> {
    this.servesCancellation = true;
    await this.channel.serveCancellation(({ id, user }) => {
      this.runningTasks.abort(id, cancelledBy(user));
    });
  }

  /** Called for every change of a task, whichever process made it. */
  onChange(listener: (change: TaskChange) => void): void {
    this.events.on('change', listener);
    this.channel.onChange(listener);
  }

  announce(change: TaskChange): void {
    this.events.emit('change', change);
    this.channel.announce(change);
  }

  /**
   * Brings the tasks of an instance in order after a stop or a crash: what was running has failed, what
   * is pending is queued again, a workspace without a row is removed.
   *
   * @returns scratch folders by task: of those that were running, and of others whose folder is still there.
   *   They are for `clear`, once nothing works there any more
   */
  async recover(instance: string): Promise<ReadonlyMap<string, string>> {
    const reason = 'the daemon stopped while the task was running';
    const interrupted = await this.store.inState(instance, 'running');
    for (const task of interrupted) {
      this.logger.warn(`task ${task.id} (${task.parameters.name}) was interrupted: ${reason}`);
      await this.endJournal(task.id, task.place, reason);
      await this.remove(join(task.place, CONSOLE_SOCKET));
      if (task.kept) await this.store.keptGone(task.id, { ...task.kept, gone: reason });
      await this.store.finish(task.id, 'failed', reason, task.steps);
    }
    await this.queues.reset(instance);
    const waiting = await this.store.inState(instance, 'pending');
    await this.queues.add(instance, ...waiting.map(({ id }) => id));
    const left = new Map(interrupted.map(({ id, place }) => [id, join(place, SCRATCH)]));
    const folder = join(this.configuration.tasks.workspaces, instance);
    for (const name of await readdir(folder).catch(() => [])) {
      const task = await this.store.find(name);
      if (task === undefined) await this.remove(join(folder, name));
      // A kept container needs it.
      else if (task.state === 'finished' && !task.kept && existsSync(join(task.place, SCRATCH))) {
        left.set(task.id, join(task.place, SCRATCH));
      }
    }
    return left;
  }

  /** Removes a scratch folder that `recover` found. */
  async clear(scratch: string): Promise<void> {
    await this.remove(scratch);
  }

  private async outlooks(instance: string, tasks: readonly TaskEntity[]) {
    const known = this.instances.get(instance);
    const all = this.instances.list().map(({ id }) => id);
    const running = await this.store.count(all, 'running');
    return outlooks(
      tasks.map(({ id, user, parameters, started }) => ({
        ...{ id, instance, user, started },
        name: parameters.name,
        claims: claimsOf(parameters, known),
      })),
      running,
      this.configuration.daemon.concurrency,
    );
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

  /** A job that remains does nothing: its task has no row, or one that is taken. */
  private async unqueue(instance: string, id: string): Promise<void> {
    await this.queues.remove(instance, id).catch((fault: unknown) => {
      this.logger.warn(`task ${id} remains in its queue: ${messageOf(fault)}`);
    });
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

const inSeconds = (milliseconds: number) => Math.floor(milliseconds / 1000);

function describe(task: TaskEntity): TaskDescription {
  const parameters = { ...task.parameters };
  // Told by `io` and `retries`.
  if ('interactive' in parameters) delete parameters.interactive;
  if ('entry' in parameters) delete parameters.entry;
  return {
    ...parameters,
    id: task.id,
    sequence: task.sequence,
    user: task.user,
    submission: inSeconds(task.submitted),
    place: task.place,
    state: task.state,
    result: task.result,
    ...(task.retries === null ? {} : { retries: task.retries }),
    ...(task.reason === null ? {} : { reason: task.reason }),
    ...(task.exitStatus === null ? {} : { exit_status: task.exitStatus }),
    ...(task.keptUntil === null ? {} : { kept_until: inSeconds(task.keptUntil) }),
    ...(task.started === null ? {} : { started: inSeconds(task.started) }),
    ...(task.ended === null ? {} : { ended: inSeconds(task.ended) }),
    steps: task.steps.map(({ name, started, duration }) => ({
      name,
      started: started === null ? -1 : inSeconds(started),
      duration: duration ?? -1,
    })),
    io: {
      interactive: isInteractive(task.parameters),
      console: join(task.place, CONSOLE_SOCKET),
      journal: { path: join(task.place, JOURNAL_FILE) },
    },
  };
}
