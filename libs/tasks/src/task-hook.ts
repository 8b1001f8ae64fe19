import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { FatbuildrError, messageOf } from '@fatbuildr/errors';
import { plainEnvironment, run } from '@fatbuildr/processes';
import { hookVariables, type HookedOutcome, type HookedTask } from './hook-variables';
import type { TaskJournal } from './task-journal.port';

/** Milliseconds the hook may take; the task waits for it. */
const LIMIT_MS = 60_000;
/** Milliseconds it may still take once the daemon stops, which has to end within a time itself. */
const STOP_LIMIT_MS = 5_000;
/** What it prints beyond this many bytes is dropped. */
const OUTPUT_BYTES = 1024 * 1024;

/** Runs the program `[tasks] hook` of the site at the start and at the end of tasks. */
@Injectable()
export class TaskHook {
  private readonly logger = new Logger('hook');

  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  start(task: HookedTask, journal: TaskJournal, stop: AbortSignal): Promise<void> {
    return this.run('start', task, undefined, journal, stop);
  }

  end(
    task: HookedTask,
    outcome: HookedOutcome,
    journal: TaskJournal,
    stop: AbortSignal,
  ): Promise<void> {
    return this.run('end', task, outcome, journal, stop);
  }

  /** Whatever becomes of the hook, the task goes on: its faults are warnings in the journal. */
  private async run(
    stage: 'start' | 'end',
    task: HookedTask,
    outcome: HookedOutcome | undefined,
    journal: TaskJournal,
    stop: AbortSignal,
  ): Promise<void> {
    const { hook } = this.configuration.tasks;
    if (hook === undefined) return;
    const deadline = new Deadline(stop);
    const output = cappedOutput(journal);
    try {
      await run([hook, stage], {
        cwd: '/',
        env: { ...plainEnvironment(), ...hookVariables(task, outcome) },
        stdout: output,
        stderr: output,
        signal: deadline.signal,
        group: true,
      });
    } catch (fault) {
      const reason = deadline.reason ?? reasonOf(fault);
      journal.log('warning', `The hook ${hook} ${stage}: ${reason}`);
      this.logger.warn(`task ${task.id}: the hook ${hook} ${stage}: ${reason}`);
    } finally {
      deadline.clear();
    }
  }
}

function reasonOf(fault: unknown): string {
  if (fault instanceof FatbuildrError && fault.code === 'PROCESS.MISSING') {
    // The kernel says the same of both.
    return 'there is no such program, or not the interpreter its first line names';
  }
  const { code } = fault as NodeJS.ErrnoException;
  if (code === 'EACCES') return 'it is not executable';
  if (code === 'ENOEXEC') return 'it is no program: a script needs a first line such as #!/bin/sh';
  return messageOf(fault);
}

function cappedOutput(journal: TaskJournal): (chunk: Buffer) => void {
  let room = OUTPUT_BYTES;
  return (chunk) => {
    if (room < 0) return;
    journal.output(chunk.subarray(0, room));
    room -= chunk.length;
    if (room < 0) {
      journal.log(
        'warning',
        `The hook prints more than ${OUTPUT_BYTES} bytes, the rest is dropped`,
      );
    }
  };
}

/** Fires when the hook has had its time, which is shorter once the daemon stops. */
class Deadline {
  private readonly controller = new AbortController();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly hurry = () => this.abortAfter(STOP_LIMIT_MS);
  /** Why the hook was killed. */
  reason: string | undefined;

  constructor(private readonly stop: AbortSignal) {
    this.abortAfter(LIMIT_MS);
    if (stop.aborted) this.hurry();
    else stop.addEventListener('abort', this.hurry, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  clear(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.stop.removeEventListener('abort', this.hurry);
  }

  private abortAfter(milliseconds: number): void {
    const abort = () => {
      this.reason ??= `it did not end within ${milliseconds / 1000} s and was killed`;
      this.controller.abort();
    };
    this.timers.push(setTimeout(abort, milliseconds));
  }
}
