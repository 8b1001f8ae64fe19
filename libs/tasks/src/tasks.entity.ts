import { wholeNumber } from '@fatbuildr/database';
import type { TaskParameters, TaskResult, TaskState } from '@fatbuildr/protocol';
import { Column, Entity, Index, PrimaryGeneratedColumn, type ValueTransformer } from 'typeorm';
import type { TaskFacets } from './task-facets';

/** A step of a task, begun or planned. */
export interface StepRecord {
  name: string;
  /** Milliseconds since the epoch; null for one that has not begun. */
  started: number | null;
  /** Milliseconds; null for one that has not ended. */
  duration: number | null;
}

/** What is left of a build that failed. */
export interface KeptContainer {
  /** Its id. */
  container: string;
  /** Folder in which the command failed, in the container. */
  workdir: string;
  /** Why it was removed, once it was. */
  gone?: string;
}

const optionalWholeNumber: ValueTransformer = {
  to: (value: number | null) => value,
  from: (value: number | string | null) => (value === null ? null : Number(value)),
};

/** One task of one instance. The row is the truth; queue, journal and workspace follow it. */
@Entity('tasks')
@Index('tasks_instance', ['instance', 'sequence'])
@Index('tasks_instance_state', ['instance', 'state', 'sequence'])
@Index('tasks_instance_name', ['instance', 'name', 'sequence'])
@Index('tasks_instance_artifact', ['instance', 'artifact', 'sequence'])
@Index('tasks_instance_user', ['instance', 'user', 'sequence'])
@Index('tasks_instance_kind', ['instance', 'kind', 'sequence'])
export class TaskEntity implements TaskFacets {
  /** Order of submission. */
  @PrimaryGeneratedColumn({ type: 'integer' })
  sequence!: number;

  @Column({ type: 'varchar', length: 36, unique: true })
  id!: string;

  @Column({ type: 'varchar' })
  instance!: string;

  @Column({ type: 'varchar' })
  user!: string;

  @Column({ type: 'varchar' })
  state!: TaskState;

  @Column({ type: 'varchar' })
  result!: TaskResult;

  /** Why the task failed, in one sentence; null for others. */
  @Column({ type: 'text', nullable: true })
  reason!: string | null;

  /** How the command of a shell ended that failed the task; null for others. */
  @Column({ type: 'integer', nullable: true })
  exitStatus!: number | null;

  @Column({ type: 'simple-json' })
  parameters!: TaskParameters;

  // Of the parameters, see TaskFacets.

  @Column({ type: 'varchar' })
  name!: string;

  @Column({ type: 'varchar', nullable: true })
  artifact!: string | null;

  @Column({ type: 'varchar', nullable: true })
  format!: string | null;

  @Column({ type: 'varchar', nullable: true })
  distribution!: string | null;

  @Column({ type: 'varchar', nullable: true })
  derivative!: string | null;

  @Column({ type: 'varchar' })
  kind!: string;

  /** Absolute path of the workspace. */
  @Column({ type: 'varchar' })
  place!: string;

  /** Milliseconds since the epoch, as are `started` and `ended`. */
  @Column({ type: 'bigint', transformer: wholeNumber })
  submitted!: number;

  @Column({ type: 'bigint', nullable: true, transformer: optionalWholeNumber })
  started!: number | null;

  @Column({ type: 'bigint', nullable: true, transformer: optionalWholeNumber })
  ended!: number | null;

  /** Id of the task this one is a retry of, whose row a purge may have removed. */
  @Column({ type: 'varchar', length: 36, nullable: true })
  retries!: string | null;

  /** Until when its container is kept for people to look into, as `submitted`; null for none, or none any more. */
  @Column({ type: 'bigint', nullable: true, transformer: optionalWholeNumber })
  keptUntil!: number | null;

  @Column({ type: 'simple-json', nullable: true })
  kept!: KeptContainer | null;

  @Column({ type: 'simple-json' })
  steps!: StepRecord[];
}
