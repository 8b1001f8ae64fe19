import { chmod, link, mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Configuration } from '@fatbuildr/config';
import sqlite3 from 'sqlite3';
import {
  DataSource,
  type DataSourceOptions,
  type EntityTarget,
  type MigrationInterface,
  type QueryRunner,
  type ReplicationMode,
} from 'typeorm';
import { databaseFault, unknownDatabase } from './database.errors';

/** The embedded database's driver: the one place that names it. */
const EMBEDDED = 'sqlite' as const;

/** TypeORM asks for `verbose`, by which the driver would record a stack trace for every statement. */
const driver: object = { ...sqlite3, verbose: () => driver };

/**
 * All transactions write. One that reads first and has to become a writer later fails, without waiting, when
 * another process has written in between (sqlite.org/rescode.html#busy_snapshot).
 */
const DEFERRED = 'BEGIN TRANSACTION';
const IMMEDIATE = 'BEGIN IMMEDIATE TRANSACTION';

/** Milliseconds a statement waits for another process before it fails. */
const BUSY_TIMEOUT = 5000;

/** What libs put into the database; each is listed by its class, so that the program can be bundled. */
export interface DatabaseContents {
  entities: readonly EntityTarget<object>[];
  migrations: readonly (new () => MigrationInterface)[];
}

export interface DatabaseLocation {
  /** For messages: a path, or an address without its password. */
  place: string;
  options: DataSourceOptions;
  /** Path of the file; `undefined` for a database server. */
  file: string | undefined;
}

/** Where the configuration puts the database, and how it is opened. */
export function locateDatabase(
  configuration: Pick<Configuration, 'dirs' | 'database'>,
  contents: DatabaseContents,
): DatabaseLocation {
  const shared = {
    entities: [...contents.entities] as Extract<DataSourceOptions['entities'], unknown[]>,
    migrations: [...contents.migrations],
    migrationsTransactionMode: 'each',
    synchronize: false,
    logging: false,
  } satisfies Partial<DataSourceOptions>;
  const { url } = configuration.database;
  if (url === undefined) {
    const file = join(configuration.dirs.state, 'fatbuildr.sqlite');
    // The driver switches foreign keys on by itself.
    const options: DataSourceOptions = {
      ...shared,
      type: EMBEDDED,
      driver,
      database: file,
      busyTimeout: BUSY_TIMEOUT,
    };
    return { place: file, file, options };
  }
  const scheme = url.slice(0, Math.max(url.indexOf(':'), 0));
  if (scheme !== 'postgres' && scheme !== 'postgresql') throw unknownDatabase(scheme);
  return {
    place: url.replace(/\/\/[^@/]*@/, '//'),
    file: undefined,
    options: { ...shared, type: 'postgres', url },
  };
}

/** A data source whose statements fail with the place of the database and what to do, where we know that. */
export class PlacedDataSource extends DataSource {
  /** The embedded driver has one runner for all. */
  private readonly runners = new WeakSet<QueryRunner>();

  constructor(
    options: DataSourceOptions,
    private readonly place: string,
  ) {
    super(options);
  }

  override createQueryRunner(mode?: ReplicationMode): QueryRunner {
    const runner = super.createQueryRunner(mode);
    if (this.runners.has(runner)) return runner;
    this.runners.add(runner);
    const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
    const placed = (statement: string, ...args: unknown[]) =>
      query(statement === DEFERRED ? IMMEDIATE : statement, ...args).catch((fault: unknown) => {
        throw databaseFault(this.place, fault);
      });
    return Object.assign(runner, { query: placed as QueryRunner['query'] });
  }
}

/**
 * The file of the embedded database, only for its owner; SQLite gives its companions the same mode.
 *
 * A new file gets its write-ahead log (sqlite.org/wal.html) before it gets its name: of several programs that
 * start together on the same file, those that switch it at the same moment would fail, as SQLite waits for
 * nobody there.
 */
export async function preparePrivateFile(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'r+').catch((fault: NodeJS.ErrnoException) => {
    if (fault.code !== 'ENOENT') throw fault;
    return undefined;
  });
  await (handle ? handle.close() : createFile(file));
  await chmod(file, 0o600);
}

async function createFile(file: string): Promise<void> {
  const folder = await mkdtemp(`${file}.`);
  try {
    const unnamed = join(folder, 'new');
    const source = new DataSource({ type: EMBEDDED, driver, database: unnamed });
    await source.initialize();
    await source.query('PRAGMA journal_mode = WAL');
    await source.destroy();
    await link(unnamed, file).catch((fault: NodeJS.ErrnoException) => {
      if (fault.code !== 'EEXIST') throw fault;
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}
