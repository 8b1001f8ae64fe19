import { Inject } from '@nestjs/common';
import { Option } from 'nest-commander';
import type { TaskFilter, TaskResult, TaskState } from '@fatbuildr/protocol';
import { parseMoment } from '../command-line/moment';
import { unknownChoice, usageError } from '../command-line/usage.errors';
import { ConnectionService } from '../connection/connection.service';
import { Printer } from '../terminal/printer';
import { CtlCommand } from './ctl-command';

const STATES: readonly TaskState[] = ['pending', 'running', 'finished'];
const RESULTS: readonly TaskResult[] = ['success', 'failed'];

export interface TaskFilterOptions extends Omit<TaskFilter, 'states' | 'name' | 'before'> {
  state?: TaskState;
  taskType?: string;
}

/** Base of the commands that list tasks. */
export abstract class TaskFilterCommand extends CtlCommand {
  constructor(
    @Inject(ConnectionService) protected readonly connection: ConnectionService,
    @Inject(Printer) protected readonly printer: Printer,
  ) {
    super();
  }

  /** @param states those that are meant when the options name none */
  protected filterOf(options: TaskFilterOptions, states: TaskState[]): TaskFilter {
    const { state, taskType, artifact, user, result } = options;
    const { format, distribution, derivative, since, until, limit } = options;
    return {
      ...{ states: state ? [state] : states, name: taskType, artifact, user, result },
      ...{ format, distribution, derivative, since, until, limit },
    };
  }

  /** What to say where there is nothing: without a filter there is none at all. */
  protected nothing(options: TaskFilterOptions, atAll: string): string {
    const { states, limit: _, ...others } = this.filterOf(options, []);
    const any = states?.length === 0 && Object.values(others).every((value) => value === undefined);
    return any ? atAll : 'No task fits these options.';
  }

  @Option({ flags: '-a, --artifact <text>', description: 'artifacts whose name contains this' })
  parseArtifact(value: string): string {
    return value;
  }

  @Option({ flags: '--user <name>', description: 'submitted by this user' })
  parseUser(value: string): string {
    return value;
  }

  @Option({ flags: '--state <state>', description: STATES.join(', ') })
  parseState(value: string): TaskState {
    return chosen('state', value, STATES);
  }

  @Option({ flags: '--result <result>', description: RESULTS.join(', ') })
  parseResult(value: string): TaskResult {
    return chosen('result', value, RESULTS);
  }

  @Option({ flags: '--task-type <name>', description: 'kind of task, such as "artifact build"' })
  parseTaskType(value: string): string {
    return value;
  }

  @Option({ flags: '-f, --format <format>', description: 'format' })
  parseFormat(value: string): string {
    return value;
  }

  @Option({ flags: '-d, --distribution <name>', description: 'distribution' })
  parseDistribution(value: string): string {
    return value;
  }

  @Option({ flags: '--derivative <name>', description: 'derivative' })
  parseDerivative(value: string): string {
    return value;
  }

  @Option({ flags: '--since <time>', description: 'submitted since then: a date, or 2h, 3d, 1w' })
  parseSince(value: string): number {
    return parseMoment('--since', value);
  }

  @Option({ flags: '--until <time>', description: 'submitted before: a date, or 2h, 3d, 1w' })
  parseUntil(value: string): number {
    return parseMoment('--until', value);
  }

  @Option({ flags: '-n, --limit <number>', description: 'at most so many' })
  parseLimit(value: string): number {
    const limit = Number(value);
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST) {
      throw usageError(`option --limit needs a number from 1 to ${MOST}, got "${value}"`);
    }
    return limit;
  }
}

/** D-Bus carries 32 bits. */
const MOST = 2 ** 31 - 1;

function chosen<T extends string>(what: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((one) => one === value);
  if (choice === undefined) throw unknownChoice(what, value, choices);
  return choice;
}
