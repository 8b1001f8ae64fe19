import { Injectable, Logger } from '@nestjs/common';
import { Database } from '@fatbuildr/database';
import { messageOf } from '@fatbuildr/errors';
import { LessThan } from 'typeorm';
import { AuditEntity } from './audit.entity';

const DETAIL_CHARACTERS = 500;
const TASK_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export type AuditEntry = Pick<
  AuditEntity,
  'instance' | 'user' | 'transport' | 'origin' | 'action' | 'detail'
>;

/** Records how a change ended. */
export interface AuditedChange {
  /** @param answer what the caller is told; the id of a task in it is kept */
  done(answer: unknown): Promise<void>;
  failed(): Promise<void>;
}

export interface AuditQuery {
  instance: string;
  limit: number;
  /** Only what came before the entry of this number. */
  before?: number | undefined;
}

/** The trail of every change: who made it, from where, what it was and which task makes it. */
@Injectable()
export class AuditService {
  private readonly logger = new Logger('audit');

  constructor(private readonly database: Database) {}

  /**
   * Records that a change is about to be made; one that cannot be recorded must not be made.
   *
   * @returns what records its end
   */
  async begin(entry: AuditEntry): Promise<AuditedChange> {
    const { sequence } = await this.database.transaction((manager) =>
      manager.save(AuditEntity, {
        ...entry,
        detail: entry.detail.slice(0, DETAIL_CHARACTERS),
        time: Date.now(),
        outcome: 'begun',
        task: null,
      }),
    );
    return {
      done: (answer) => this.end(sequence, { outcome: 'done', task: taskOf(answer) }),
      failed: () => this.end(sequence, { outcome: 'failed', task: null }),
    };
  }

  /** The newest first. */
  async list({ instance, limit, before }: AuditQuery): Promise<AuditEntity[]> {
    return this.database.dataSource.getRepository(AuditEntity).find({
      where: { instance, ...(before === undefined ? {} : { sequence: LessThan(before) }) },
      order: { sequence: 'DESC' },
      take: limit,
    });
  }

  /** The change is made or refused by now: that its end is not recorded must not look like its failure. */
  private async end(
    sequence: number,
    change: Pick<AuditEntity, 'outcome' | 'task'>,
  ): Promise<void> {
    await this.database
      .transaction((manager) => manager.update(AuditEntity, { sequence }, change))
      .catch((fault: unknown) => {
        this.logger.warn(`the end of change ${sequence} is not recorded: ${messageOf(fault)}`);
      });
  }
}

/** What a change answers when it is a task: the task's id, alone or as a field. */
function taskOf(answer: unknown): string | null {
  const task: unknown =
    typeof answer === 'object' && answer !== null
      ? ((answer as { task?: unknown }).task ?? (answer as { id?: unknown }).id)
      : answer;
  return typeof task === 'string' && TASK_ID.test(task) ? task : null;
}
