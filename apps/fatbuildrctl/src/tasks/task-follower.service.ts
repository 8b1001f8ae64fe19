import { Inject, Injectable } from '@nestjs/common';
import {
  LogLevel,
  type FatbuildrClient,
  type JournalMessage,
  type StepEstimate,
  type TaskDescription,
} from '@fatbuildr/protocol';
import { ConnectionService } from '../connection/connection.service';
import { ENVIRONMENT, type ProgramEnvironment } from '../program-environment';
import { StatusLine } from '../terminal/status-line';
import { printable } from '../terminal/table';
import { Terminal } from '../terminal/terminal';
import { Interrupted } from './interrupted';
import { TaskProgress } from './task-progress';

/** Shows what a task prints until it ends. */
@Injectable()
export class TaskFollower {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(Terminal) private readonly terminal: Terminal,
    @Inject(ENVIRONMENT) private readonly environment: ProgramEnvironment,
  ) {}

  /**
   * @returns the task as it ended
   * @throws Interrupted at Ctrl-C; the task goes on
   */
  async follow(id: string): Promise<TaskDescription> {
    const client = await this.connection.client();
    const task = await client.task(id);
    const interruption = new AbortController();
    const release = this.environment.onInterrupt(() =>
      interruption.abort(Interrupted.following(id)),
    );
    const view = new TaskView(this.terminal);
    view.begin(task, await this.estimates(client, id));
    try {
      for await (const message of client.watch(task, interruption.signal)) view.show(message);
      interruption.signal.throwIfAborted();
      return await client.task(id);
    } finally {
      view.end();
      release();
    }
  }

  /** Only where somebody sees them; a task is followed without them as well. */
  private async estimates(client: FatbuildrClient, id: string): Promise<StepEstimate[]> {
    if (!this.terminal.messages.isTTY) return [];
    return client.taskEstimate(id).catch(() => []);
  }
}

/** One task on the terminal: its output, its records, and a line with the step it is at. */
class TaskView {
  private lineIsOpen = false;
  /** Name of a task that has not begun. */
  private waiting: string | undefined;
  private progress = new TaskProgress({ steps: [] }, []);
  private readonly status: StatusLine;

  constructor(private readonly terminal: Terminal) {
    this.status = new StatusLine(
      terminal.messages,
      () => this.lineIsOpen,
      () => this.progress.line(Date.now()),
    );
  }

  begin(task: TaskDescription, estimates: readonly StepEstimate[]): void {
    this.progress = new TaskProgress(task, estimates);
    this.waiting = task.state === 'pending' ? task.name : undefined;
    this.status.start(
      this.waiting
        ? `${this.waiting}: ${printable(task.waiting ?? 'waits for its turn')}`
        : task.name,
    );
  }

  show(message: JournalMessage): void {
    if (this.waiting) this.status.change(this.waiting);
    this.waiting = undefined;
    if (message.command === 'output' && message.data.length > 0) {
      this.status.clear();
      this.terminal.progress.write(message.data);
      this.lineIsOpen = message.data.at(-1) !== 0x0a;
    }
    if (message.command === 'log') this.record(message.level, message.message);
  }

  end(): void {
    this.status.stop();
    this.closeLine();
  }

  private record(level: number, text: string): void {
    this.progress.record(text, Date.now());
    if (level < LogLevel.info && !this.terminal.debug) return;
    this.status.clear();
    this.closeLine();
    this.terminal.progress.write(`${this.label(level)} ${printable(text)}\n`);
  }

  private label(level: number): string {
    const colors = this.terminal.colors(this.terminal.progress);
    if (level >= LogLevel.error) return colors.red('[error]');
    if (level >= LogLevel.warning) return colors.yellow('[warning]');
    return level >= LogLevel.info ? colors.cyan('[info]') : colors.dim('[debug]');
  }

  private closeLine(): void {
    if (this.lineIsOpen) this.terminal.progress.write('\n');
    this.lineIsOpen = false;
  }
}
