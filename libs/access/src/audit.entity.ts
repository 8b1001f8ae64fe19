import { wholeNumber } from '@fatbuildr/database';
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** One change somebody was allowed to make: written before it is made, completed when it is done. */
@Entity('audit')
@Index('audit_instance', ['instance', 'sequence'])
export class AuditEntity {
  @PrimaryGeneratedColumn({ type: 'integer' })
  sequence!: number;

  /** Milliseconds since the epoch. */
  @Column({ type: 'bigint', transformer: wholeNumber })
  time!: number;

  /** Null for what belongs to no instance. */
  @Column({ type: 'varchar', nullable: true })
  instance!: string | null;

  @Column({ type: 'varchar' })
  user!: string;

  /** The way the change came in. */
  @Column({ type: 'varchar' })
  transport!: 'dbus' | 'http';

  /** Who sent it there: a network address, or the name of a connection of the bus. */
  @Column({ type: 'varchar' })
  origin!: string;

  @Column({ type: 'varchar' })
  action!: string;

  /** What was called. */
  @Column({ type: 'text' })
  detail!: string;

  /** Still `begun` when the process died meanwhile. */
  @Column({ type: 'varchar' })
  outcome!: 'begun' | 'done' | 'failed';

  /** Id of the task that makes the change, if one does. */
  @Column({ type: 'varchar', nullable: true })
  task!: string | null;
}
