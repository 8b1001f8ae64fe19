import { wholeNumber } from '@fatbuildr/database';
import { Column, Entity, Index, PrimaryColumn, type ValueTransformer } from 'typeorm';
import type { Action } from './actions';

const optionalWholeNumber: ValueTransformer = {
  to: (value: number | null) => value,
  from: (value: number | string | null) => (value === null ? null : Number(value)),
};

/** A token that was issued; the token itself is with its user alone. Times are in milliseconds. */
@Entity('tokens')
@Index('tokens_instance_user', ['instance', 'user'])
export class TokenEntity {
  /** The claim `jti`. */
  @PrimaryColumn({ type: 'varchar', length: 36 })
  id!: string;

  @Column({ type: 'varchar' })
  instance!: string;

  @Column({ type: 'varchar' })
  user!: string;

  /** What its user says it is for; may be empty. */
  @Column({ type: 'text' })
  description!: string;

  /** The actions it is limited to; null for all its user may do. */
  @Column({ type: 'simple-json', nullable: true })
  scopes!: Action[] | null;

  @Column({ type: 'bigint', transformer: wholeNumber })
  issued!: number;

  @Column({ type: 'bigint', transformer: wholeNumber })
  expires!: number;

  @Column({ type: 'bigint', nullable: true, transformer: optionalWholeNumber })
  revoked!: number | null;

  /** Not exact: a use shortly after another one is not written. */
  @Column({ type: 'bigint', nullable: true, transformer: optionalWholeNumber })
  used!: number | null;
}
