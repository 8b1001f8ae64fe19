import { wholeNumber } from '@fatbuildr/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Which task a caller got for a key of their own, so that a request sent again does not submit again. */
@Entity('submission_keys')
export class SubmissionKey {
  /** SHA-256 of instance, caller and key. */
  @PrimaryColumn({ type: 'varchar', length: 64 })
  key!: string;

  /** SHA-256 of what was asked for. */
  @Column({ type: 'varchar', length: 64 })
  request!: string;

  @Column({ type: 'varchar', length: 36 })
  task!: string;

  /** Milliseconds since the epoch. */
  @Column({ type: 'bigint', transformer: wholeNumber })
  claimed!: number;
}
