import { join } from 'node:path';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DiscoveryService, Reflector } from '@nestjs/core';
import { CONFIGURATION, formatInterval, type Configuration } from '@fatbuildr/config';
import { FatbuildrError, messageOf, withPlace } from '@fatbuildr/errors';
import { removeTree } from '@fatbuildr/processes';
import { isInteractive, type TaskName } from '@fatbuildr/protocol';
import { ConsoleServer } from './console-server';
import { InteractiveConsole } from './interactive-console';
import { JournalFile } from './journal-file';
import { RunningTasks } from './running-tasks';
import type { TaskConsole } from './task-console.port';
import { TaskScheduler } from './task-scheduler';
import { TASK_NAME, TASK_NAMES, type TaskHandler } from './task-handlers';
import { TaskHook } from './task-hook';
import type { TaskEntity } from './tasks.entity';
import { handlerFault, ranTooLong } from './tasks.errors';
import { CONSOLE_SOCKET, JOURNAL_FILE, SCRATCH, TasksService } from './tasks.service';
import { TasksStore } from './tasks.store';

/** Runs tasks: claims the row, opens journal and console, calls the handler, records the end. */
@Injectable()
export class TaskRunner {
  private readonly logger = new Logger('runner');
  private handlers: ReadonlyMap<TaskName, TaskHandler> = new Map();

  constructor(
    private readonly store: TasksStore,
    private readonly tasks: TasksService,
    private readonly running: RunningTasks,
    private readonly scheduler: TaskScheduler,
    private readonly hook: TaskHook,
    private readonly discovery: DiscoveryService,
    private readonly reflector: Reflector,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** Finds the handlers; every task name must have exactly one, or the process refuses to start. */
  bindHandlers(): void {
    const handlers = new Map<TaskName, TaskHandler>();
    for (const { instance, metatype } of this.discovery.getProviders()) {
      const name = metatype && this.reflector.get<TaskName | undefined>(TASK_NAME, metatype);
      if (!name) continue;
      if (handlers.has(name)) throw handlerFault(`the task "${name}" has more than one handler`);
      handlers.set(name, instance as TaskHandler);
    }
    const missing = TASK_NAMES.filter((name) => !handlers.has(name));
    if (missing.length > 0) throw handlerFault(`tasks without a handler: ${missing.join(', ')}`);
    this.handlers = handlers;
  }

  private handler(name: TaskName): TaskHandler {
    const handler = this.handlers.get(name);
    if (handler === undefined) throw handlerFault(`the task "${name}" has no handler`);
    return handler;
  }

  /**
   * Runs a task to its end; a job delivered twice finds the row taken and does nothing.
   *
   * @param stop fires when the daemon stops, which ends the task
   */
  async run(id: string, stop: AbortSignal): Promise<void> {
    // Left pending, it is queued again by the next start.
    if (stop.aborted) return;
    // Before the row says that the task runs: who reads that can cancel it.
    const cancellation = this.running.enter(id);
    if (cancellation === undefined) return;
    try {
      const task = await this.store.claim(id);
      if (task === undefined) return;
      await this.carryOut(task, AbortSignal.any([stop, cancellation.signal]), stop);
    } finally {
      this.running.leave(id);
      this.scheduler.ended(id);
    }
  }

  private async carryOut(task: TaskEntity, signal: AbortSignal, stop: AbortSignal): Promise<void> {
    const { id } = task;
    const begin = performance.now();
    this.record(task, 'begins');
    this.announce(task);
    let journal: JournalFile | undefined;
    let console: ConsoleServer | undefined;
    let failure: string | undefined;
    let exitStatus: number | null = null;
    const { terminalGrace, workspaces } = this.configuration.tasks;
    try {
      journal = this.open(task, signal);
      const people = isInteractive(task.parameters)
        ? new InteractiveConsole(journal, signal, terminalGrace)
        : undefined;
      const socket = join(task.place, CONSOLE_SOCKET);
      console = await ConsoleServer.listen(socket, journal, people, workspaces);
      await this.handle(task, journal, signal, people);
    } catch (fault) {
      failure = this.reasonOf(withPlace(fault, task.place), signal);
      exitStatus = exitStatusOf(fault);
    }
    this.running.leave(id);
    await this.tidy(task);
    const result = failure === undefined ? 'success' : 'failed';
    try {
      // The row first: who has read the last record of the journal finds the task finished.
      const reason = failure ?? null;
      try {
        await this.store.finish(id, result, reason, journal?.steps ?? [], exitStatus);
        if (journal) await this.hook.end(task, { result, reason }, journal, stop);
      } finally {
        journal?.close(failure);
      }
      const duration = Math.round(performance.now() - begin);
      const outcome = failure === undefined ? 'succeeded' : `failed: ${failure}`;
      this.record(task, `${outcome} (after ${(duration / 1000).toFixed(1)} s)`, {
        result,
        duration,
      });
      this.announce({ ...task, state: 'finished', result });
    } finally {
      // Clients that are slow to read keep nobody waiting.
      await console?.close();
    }
  }

  /** Logs what becomes of a task; `duration` is in milliseconds. */
  private record(
    task: TaskEntity,
    what: string,
    more: { result?: string; duration?: number } = {},
  ) {
    const { id, instance, user, parameters } = task;
    const message = `task ${id} (${parameters.name}) ${what}`;
    this.logger.log({ message, task: id, name: parameters.name, instance, user, ...more });
  }

  private open({ id, place }: TaskEntity, signal: AbortSignal): JournalFile {
    // Steps that begin while a writing waits for its turn are part of it.
    let waiting = false;
    const steps = () => {
      waiting = false;
      return journal.steps;
    };
    const changed = () => {
      if (waiting) return;
      waiting = true;
      // No step waits for its record, and none fails for want of it: the end is recorded with all of them.
      this.store.recordSteps(id, steps).catch((fault: unknown) => {
        waiting = false;
        this.logger.warn(`the steps of task ${id} are not recorded: ${messageOf(fault)}`);
      });
    };
    const { maxOutput } = this.configuration.tasks;
    const path = join(place, JOURNAL_FILE);
    const journal: JournalFile = new JournalFile(path, signal, changed, maxOutput);
    return journal;
  }

  private async handle(
    row: TaskEntity,
    journal: JournalFile,
    signal: AbortSignal,
    console: TaskConsole | undefined,
  ): Promise<void> {
    const { id, instance, user, submitted, parameters, place } = row;
    journal.log('info', `Task ${id}: ${parameters.name}, submitted by ${user}`);
    await this.hook.start(row, journal, signal);
    signal.throwIfAborted();
    const { timeLimit } = this.configuration.tasks;
    const timer =
      timeLimit &&
      setTimeout(() => this.running.abort(id, ranTooLong(formatInterval(timeLimit))), timeLimit);
    try {
      const task = { id, instance, user, submitted };
      await this.handler(parameters.name).run(parameters, {
        ...{ task, workspace: place, journal, signal },
        ...(console === undefined ? {} : { console }),
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Why the task failed, in one sentence; faults nobody foresaw are logged with all they say. */
  private reasonOf(fault: unknown, signal: AbortSignal): string {
    if (signal.aborted) return reasonToEnd(signal.reason);
    if (!expected(fault)) this.logger.error(fault);
    return messageOf(fault);
  }

  /** What cannot be removed takes up room, which is no reason to leave the task without an end. */
  private async tidy({ id, place, parameters }: TaskEntity): Promise<void> {
    const mayKeep = parameters.name === 'artifact build' && parameters.keep_failed !== undefined;
    // A kept container needs it.
    if (mayKeep && (await this.store.find(id))?.kept) return;
    await removeTree(join(place, SCRATCH)).catch((fault: unknown) => {
      this.logger.warn(`the scratch folder of task ${id} remains: ${messageOf(fault)}`);
    });
  }

  private announce({ instance, id, state, result }: TaskEntity): void {
    this.tasks.announce({ instance, id, state, result });
  }
}

/** Why a task was ended before its time; reasons of the task's own speak for themselves. */
function reasonToEnd(reason: unknown): string {
  return reason instanceof FatbuildrError ? reason.message : `stopped: ${messageOf(reason)}`;
}

function expected(fault: unknown): boolean {
  return fault instanceof FatbuildrError || (fault instanceof Error && fault.name === 'AbortError');
}

/** Of the command whose fault it is, see `exitedWith`. */
function exitStatusOf(fault: unknown): number | null {
  return fault instanceof FatbuildrError && fault.code === 'TASKS.EXIT_STATUS'
    ? Number(fault.details.status)
    : null;
}
