import { Injectable } from '@nestjs/common';
import { Database } from '@fatbuildr/database';
import type { TaskDescription, TaskName, TaskResult, TaskState } from '@fatbuildr/protocol';
import { TaskEntity, type StepRecord } from './tasks.entity';
import { unknownTask } from './tasks.errors';
import { describe } from './tasks.service';

/** A task with all its row tells. */
export type TaskRecord = TaskDescription & {
  /** Order of submission, for going on in a list. */
  sequence: number;
  /** Milliseconds since the epoch; absent before it begins. */
  started?: number;
  /** Milliseconds since the epoch; absent before it ends. */
  ended?: number;
  steps: readonly StepRecord[];
};

/** Which tasks are wanted; what is absent may be anything. */
export interface TaskFilter {
  state?: TaskState;
  result?: TaskResult;
  name?: TaskName;
  user?: string;
  /** Part of the name of the artifact that was built or deleted. */
  artifact?: string;
  /** Only tasks that were submitted before the one of this number. */
  before?: number;
}

/** Looks tasks up: by what they are, a page at a time. */
@Injectable()
export class TaskHistory {
  constructor(private readonly database: Database) {}

  /** @throws FatbuildrError `TASKS.UNKNOWN` */
  async get(instance: string, id: string): Promise<TaskRecord> {
    const found = await this.rows.findOneBy({ instance, id });
    if (found === null) throw unknownTask(id, instance);
    return record(found);
  }

  /** The newest first. */
  async find(instance: string, filter: TaskFilter, limit: number): Promise<TaskRecord[]> {
    const { state, result, name, user, artifact, before } = filter;
    const query = this.rows
      .createQueryBuilder('t')
      .where('t.instance = :instance', { instance })
      .orderBy('t.sequence', 'DESC')
      .take(limit);
    if (state !== undefined) query.andWhere('t.state = :state', { state });
    if (result !== undefined) query.andWhere('t.result = :result', { result });
    if (user !== undefined) query.andWhere('t.user = :user', { user });
    if (before !== undefined) query.andWhere('t.sequence < :before', { before });
    if (name !== undefined) query.andWhere(`${this.parameter('name')} = :name`, { name });
    if (artifact !== undefined) {
      // A build names its artifact, a deletion describes it.
      const column = `COALESCE(${this.parameter('artifact', 'name')}, ${this.parameter('artifact')})`;
      query.andWhere(`LOWER(${column}) LIKE :artifact ESCAPE '\\'`, {
        artifact: `%${artifact.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`,
      });
    }
    return (await query.getMany()).map(record);
  }

  /** A member of the parameters, which are JSON in a column of text. */
  private parameter(...path: readonly string[]): string {
    return this.database.dataSource.options.type === 'postgres'
      ? `CAST(t.parameters AS jsonb) #>> '{${path.join(',')}}'`
      : `json_extract(t.parameters, '$.${path.join('.')}')`;
  }

  private get rows() {
    return this.database.dataSource.getRepository(TaskEntity);
  }
}

function record(task: TaskEntity): TaskRecord {
  const { sequence, started, ended, steps } = task;
  return {
    ...describe(task),
    sequence,
    ...(started === null ? {} : { started }),
    ...(ended === null ? {} : { ended }),
    steps,
  };
}
