import { parseStepRecord, type StepEstimate, type TaskDescription } from '@fatbuildr/protocol';
import { clock } from '../terminal/table';

/** How far a task is: the step it is at, of how many, for how long, and how long it usually takes. */
export class TaskProgress {
  /** Names of the steps that have begun, in their order, and of those to come. */
  private begun: string[] = [];
  private coming: string[];
  private planned: boolean;
  /** Milliseconds since the epoch at which each step began that has not ended, the last one last. */
  private readonly running = new Map<string, number>();
  /** The same of the steps that had begun when the task was asked for, which its journal does not tell. */
  private readonly known: ReadonlyMap<string, number>;
  /** Milliseconds. */
  private readonly usual: ReadonlyMap<string, number>;

  constructor({ steps }: Pick<TaskDescription, 'steps'>, estimates: readonly StepEstimate[]) {
    this.coming = steps.map(({ name }) => name);
    this.planned = steps.some(({ started }) => started < 0);
    const started = steps.filter((step) => step.started >= 0);
    this.known = new Map(started.map((step) => [step.name, step.started * 1000]));
    this.usual = new Map(estimates.map(({ name, duration }) => [name, duration]));
  }

  /** @param text of a log record; @param now milliseconds since the epoch */
  record(text: string, now: number): void {
    const record = parseStepRecord(text);
    if (record?.kind === 'plan') {
      this.planned = true;
      this.coming = record.steps.slice(this.begun.length);
    }
    if (record?.kind === 'begin') {
      this.begun.push(record.step);
      this.coming = this.coming.filter((name) => name !== record.step);
      this.running.set(record.step, this.known.get(record.step) ?? now);
    }
    if (record?.kind === 'end') this.running.delete(record.step);
  }

  /** One line, without colours; `undefined` between the steps. */
  line(now: number): string | undefined {
    const current = [...this.running].at(-1);
    if (current === undefined) return undefined;
    const [name, since] = current;
    const total = this.planned ? `/${this.begun.length + this.coming.length}` : '';
    const step = `[${this.begun.lastIndexOf(name) + 1}${total}] ${name}`;
    const elapsed = Math.max(0, now - since);
    const usual = this.usual.get(name);
    if (usual === undefined) return `${step} · ${clock(elapsed / 1000)}`;
    const time = `${clock(elapsed / 1000)} of about ${clock(usual / 1000)}`;
    return `${step} · ${time}${this.remaining(Math.max(0, usual - elapsed))}`;
  }

  /** @param ofCurrent milliseconds the step at hand still takes */
  private remaining(ofCurrent: number): string {
    if (!this.planned || this.coming.length === 0) return '';
    const left = this.coming.reduce((sum, name) => sum + (this.usual.get(name) ?? 0), ofCurrent);
    return ` · about ${clock(left / 1000)} left`;
  }
}
