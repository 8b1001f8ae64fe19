import type { ChangelogEntry, ContentMember } from '@fatbuildr/protocol';
import { wholeNumber } from '@fatbuildr/database';
import {
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
} from 'typeorm';

/** A package (source or binary) published in one place of a registry. */
@Entity('registry_packages')
@Index(
  'registry_packages_identity',
  ['instance', 'format', 'distribution', 'derivative', 'architecture', 'name', 'version'],
  { unique: true },
)
@Index('registry_packages_listing', [
  'instance',
  'format',
  'distribution',
  'derivative',
  'name',
  'architecture',
  'version',
  'size',
])
@Index('registry_packages_source', ['instance', 'format', 'distribution', 'derivative', 'source'])
export class RegistryPackage {
  /** Order of publication. */
  @PrimaryGeneratedColumn({ type: 'integer' })
  id!: number;

  @Column({ type: 'varchar' })
  instance!: string;

  @Column({ type: 'varchar' })
  format!: string;

  @Column({ type: 'varchar' })
  distribution!: string;

  @Column({ type: 'varchar' })
  derivative!: string;

  /** Normalized: `x86_64`, `noarch`, `src` … */
  @Column({ type: 'varchar' })
  architecture!: string;

  @Column({ type: 'varchar' })
  name!: string;

  @Column({ type: 'varchar' })
  version!: string;

  /** Bytes of all its files. */
  @Column({ type: 'bigint', transformer: wholeNumber })
  size!: number;

  /** Name of the source; of a source its own. */
  @Column({ type: 'varchar' })
  source!: string;

  @Column({ name: 'source_version', type: 'varchar' })
  sourceVersion!: string;

  /** Task that published it; empty after a reindex that found no trace of it. */
  @Column({ type: 'varchar' })
  task!: string;

  @Column({ type: 'varchar' })
  user!: string;

  /** Milliseconds since the epoch. */
  @Column({ type: 'bigint', transformer: wholeNumber })
  published!: number;

  /** Its part of the published index, as the format writes it. */
  @Column({ type: 'text' })
  fragment!: string;
}

/** What is big and asked for one package at a time; apart, so that listings stay light. */
@Entity('registry_details')
export class RegistryDetails {
  @PrimaryColumn({ type: 'integer' })
  package!: number;

  @ManyToOne(() => RegistryPackage, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'package' })
  owner?: RegistryPackage;

  @Column({ type: 'simple-json' })
  changelog!: ChangelogEntry[];

  @Column({ type: 'simple-json' })
  content!: ContentMember[];
}

/** A file of a package. Several packages may share one, for example an upstream archive. */
@Entity('registry_files')
@Index('registry_files_path', ['path'])
@Index('registry_files_package', ['package'])
export class RegistryFile {
  @PrimaryGeneratedColumn({ type: 'integer' })
  id!: number;

  @Column({ type: 'integer' })
  package!: number;

  @ManyToOne(() => RegistryPackage, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'package' })
  owner?: RegistryPackage;

  /** Relative to the registry's folder. */
  @Column({ type: 'varchar' })
  path!: string;

  @Column({ type: 'bigint', transformer: wholeNumber })
  size!: number;

  @Column({ type: 'varchar', length: 64 })
  sha256!: string;

  @Column({ type: 'varchar', length: 128 })
  sha512!: string;
}

/** Which index of a distribution clients are served; recovery compares it with the one on disk. */
@Entity('registry_indices')
export class RegistryIndexState {
  @PrimaryColumn({ type: 'varchar' })
  instance!: string;

  @PrimaryColumn({ type: 'varchar' })
  format!: string;

  @PrimaryColumn({ type: 'varchar' })
  distribution!: string;

  /** Recognises the index on disk; its format knows how. */
  @Column({ type: 'varchar' })
  stamp!: string;

  /** The index's own date, milliseconds since the epoch. */
  @Column({ type: 'bigint', transformer: wholeNumber })
  date!: number;
}

export type PublicationAction = 'publish' | 'delete' | 'reindex' | 'refresh';

/** Who changed what in a registry, and by which task. */
@Entity('registry_publications')
@Index('registry_publications_place', ['instance', 'format', 'distribution'])
export class RegistryPublication {
  @PrimaryGeneratedColumn({ type: 'integer' })
  id!: number;

  @Column({ type: 'varchar' })
  instance!: string;

  @Column({ type: 'varchar' })
  format!: string;

  @Column({ type: 'varchar' })
  distribution!: string;

  @Column({ type: 'varchar' })
  action!: PublicationAction;

  @Column({ type: 'varchar' })
  task!: string;

  @Column({ type: 'varchar' })
  user!: string;

  /** Milliseconds since the epoch. */
  @Column({ type: 'bigint', transformer: wholeNumber })
  date!: number;

  /** `<derivative> <name> <version> <architecture>` of each package that came or went. */
  @Column({ type: 'simple-json' })
  packages!: string[];
}
