import { Injectable } from '@nestjs/common';
import { Database } from '@fatbuildr/database';
import type { Artifact, RegistryPlace } from '@fatbuildr/protocol';
import { In, type EntityManager, type FindOptionsWhere } from 'typeorm';
import {
  RegistryDetails,
  RegistryFile,
  RegistryIndexState,
  RegistryPackage,
  RegistryPublication,
} from './registries.entity';
import type { NameRange, PackageRecord } from './registry-format.port';

/** A package of the index without its fragment. */
export type IndexedPackage = Omit<RegistryPackage, 'fragment'>;

export interface RegistryOf {
  instance: string;
  format: string;
}

const LISTED = [
  'id',
  'instance',
  'format',
  'distribution',
  'derivative',
  'architecture',
  'name',
  'version',
  'size',
  'source',
  'sourceVersion',
  'task',
  'user',
  'published',
] as const satisfies (keyof IndexedPackage)[];

/** An `Artifact`, of raw columns. */
const ARTIFACT = [
  'p.name AS name',
  'p.architecture AS architecture',
  'p.version AS version',
  'p.size AS size',
];

/** How many values one statement may carry is limited; ids are handed over in portions. */
const PORTION = 500;

/** The rows of the registries. Methods with a manager write and belong into a transaction. */
@Injectable()
export class RegistryIndex {
  constructor(private readonly database: Database) {}

  /** By name, then architecture, then order of publication. */
  packages(where: FindOptionsWhere<RegistryPackage>): Promise<IndexedPackage[]> {
    return this.rows.find(RegistryPackage, {
      where,
      select: [...LISTED],
      order: { name: 'ASC', architecture: 'ASC', id: 'ASC' },
    });
  }

  /**
   * What listings show, without making an object with its metadata of each row: by name, then architecture.
   *
   * @param text part of the name, in any case
   */
  async listing(where: RegistryPlace & { instance: string }, text = ''): Promise<Artifact[]> {
    const query = this.rows
      .createQueryBuilder(RegistryPackage, 'p')
      .select(ARTIFACT)
      .where(where)
      .orderBy('p.name')
      .addOrderBy('p.architecture');
    if (text !== '') {
      query.andWhere(`LOWER(p.name) LIKE :pattern ESCAPE '\\'`, {
        pattern: `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`,
      });
    }
    return withNumbers(await query.getRawMany<Artifact>());
  }

  /** Where the instance has packages, sorted. */
  places(instance: string): Promise<RegistryPlace[]> {
    return this.rows
      .createQueryBuilder(RegistryPackage, 'p')
      .select('p.format', 'format')
      .addSelect('p.distribution', 'distribution')
      .addSelect('p.derivative', 'derivative')
      .distinct(true)
      .where({ instance })
      .orderBy('format')
      .addOrderBy('distribution')
      .addOrderBy('derivative')
      .getRawMany<RegistryPlace>();
  }

  /** Distinct values of a column, sorted. */
  async distinct(
    column: 'distribution' | 'derivative' | 'architecture' | 'name',
    where: Partial<RegistryPlace & { instance: string }>,
  ): Promise<string[]> {
    const found = await this.rows
      .createQueryBuilder(RegistryPackage, 'p')
      .select(`p.${column}`, 'value')
      .distinct(true)
      .where(where)
      .orderBy('value')
      .getRawMany<{ value: string }>();
    return found.map(({ value }) => value);
  }

  /** Fragments in the order of the index: by name, then by publication. */
  async fragments(
    registry: RegistryOf & { distribution: string },
    derivative: string,
    architectures: readonly string[],
    { from, before }: Partial<NameRange> = {},
  ): Promise<{ id: number; name: string; fragment: string }[]> {
    const query = this.rows
      .createQueryBuilder(RegistryPackage, 'p')
      .select(['p.id AS id', 'p.name AS name', 'p.fragment AS fragment'])
      .where({ ...registry, derivative, architecture: In([...architectures]) });
    const name = `p.name${this.byBytes}`;
    if (from !== undefined) query.andWhere(`${name} >= :from`, { from });
    if (before !== undefined) query.andWhere(`${name} < :before`, { before });
    return query.orderBy('p.name').addOrderBy('p.id').getRawMany();
  }

  async details(id: number): Promise<Pick<RegistryDetails, 'changelog' | 'content'>> {
    const found = await this.rows.findOneBy(RegistryDetails, { package: id });
    return found ?? { changelog: [], content: [] };
  }

  async files(ids: readonly number[]): Promise<RegistryFile[]> {
    const found: RegistryFile[] = [];
    for (const portion of portions(ids)) {
      found.push(...(await this.rows.findBy(RegistryFile, { package: In(portion) })));
    }
    return found;
  }

  /** Who owns a file of a registry, and with which content. */
  async owners(
    { instance, format }: RegistryOf,
    path: string,
  ): Promise<(RegistryFile & { owner: RegistryPackage })[]> {
    const found = await this.rows.find(RegistryFile, {
      where: { path, owner: { instance, format } },
      relations: { owner: true },
    });
    return found.flatMap((file) => (file.owner ? [{ ...file, owner: file.owner }] : []));
  }

  state(key: RegistryOf & { distribution: string }): Promise<RegistryIndexState | null> {
    return this.rows.findOneBy(RegistryIndexState, key);
  }

  states(registry: RegistryOf): Promise<RegistryIndexState[]> {
    return this.rows.find(RegistryIndexState, {
      where: registry,
      order: { distribution: 'ASC' },
    });
  }

  publications(where: FindOptionsWhere<RegistryPublication>): Promise<RegistryPublication[]> {
    return this.rows.find(RegistryPublication, { where, order: { id: 'DESC' } });
  }

  /** Id of the last publication of a distribution; 0 without any. */
  async lastPublication(where: RegistryOf & { distribution: string }): Promise<number> {
    return (await this.rows.maximum(RegistryPublication, 'id', where)) ?? 0;
  }

  async add(
    manager: EntityManager,
    place: RegistryPlace & { instance: string },
    record: PackageRecord,
    by: { task: string; user: string; date: number },
  ): Promise<void> {
    const { name, architecture, version, source, sourceVersion, fragment } = record;
    const inserted = await manager.insert(RegistryPackage, {
      instance: place.instance,
      format: place.format,
      distribution: place.distribution,
      derivative: place.derivative,
      name,
      architecture,
      version,
      size: sizeOf(record),
      source,
      sourceVersion,
      fragment,
      task: by.task,
      user: by.user,
      published: by.date,
    });
    const { id } = inserted.identifiers[0] as { id: number };
    await manager.insert(RegistryDetails, {
      package: id,
      changelog: record.changelog,
      content: record.content,
    });
    await manager.insert(
      RegistryFile,
      record.files.map(({ path, size, sha256, sha512 }) => ({
        package: id,
        path,
        size,
        sha256,
        sha512,
      })),
    );
  }

  /** Details and files go with their packages. */
  async remove(manager: EntityManager, ids: readonly number[]): Promise<void> {
    for (const portion of portions(ids)) {
      await manager.delete(RegistryPackage, { id: In(portion) });
    }
  }

  async record(
    manager: EntityManager,
    state: RegistryIndexState,
    publication: Omit<RegistryPublication, 'id'>,
  ): Promise<void> {
    await manager.upsert(RegistryIndexState, state, ['instance', 'format', 'distribution']);
    await manager.insert(RegistryPublication, publication);
  }

  /** A database server may order text by the rules of a language; the embedded one goes by the bytes. */
  private get byBytes(): string {
    return this.database.dataSource.options.type === 'postgres' ? ' COLLATE "C"' : '';
  }

  private get rows(): EntityManager {
    return this.database.dataSource.manager;
  }
}

function sizeOf(record: PackageRecord): number {
  return record.files.reduce((sum, { size }) => sum + size, 0);
}

/** Raw big integers of a database server are text; there may be many rows, so none is copied. */
function withNumbers<T extends Artifact>(rows: T[]): T[] {
  for (const row of rows) row.size = Number(row.size);
  return rows;
}

function* portions(ids: readonly number[]): Generator<number[]> {
  for (let at = 0; at < ids.length; at += PORTION) yield ids.slice(at, at + PORTION);
}
