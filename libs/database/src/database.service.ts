import { AsyncLocalStorage } from 'node:async_hooks';
import { Mutex } from 'async-mutex';
import type { Configuration } from '@fatbuildr/config';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import {
  locateDatabase,
  PlacedDataSource,
  preparePrivateFile,
  type DatabaseContents,
} from './data-source';
import { databaseUnusable, nestedTransaction } from './database.errors';

/**
 * The database of the installation.
 *
 * Reads go through `dataSource` directly. ALL writes go through `transaction`: the embedded driver has one
 * connection for the whole process, on which the statements of concurrent transactions would interleave,
 * and a lone write would join whatever transaction is open and vanish with its rollback. A transaction
 * should therefore be short: prepare first, then write.
 */
export class Database implements OnApplicationShutdown {
  private readonly writing = new Mutex();
  /** Those that wait for their turn to write. */
  private statements: Statement[] = [];
  private readonly inside = new AsyncLocalStorage<true>();

  private constructor(readonly dataSource: DataSource) {}

  /**
   * Opens the database and brings its tables up to date.
   *
   * @throws FatbuildrError `DATABASE.UNUSABLE` when it is damaged, locked, not writable or out of reach
   */
  static async open(
    configuration: Pick<Configuration, 'dirs' | 'database'>,
    contents: DatabaseContents,
  ): Promise<Database> {
    const { place, options, file } = locateDatabase(configuration, contents);
    const source = new PlacedDataSource(options, place);
    try {
      if (file !== undefined) await preparePrivateFile(file);
      await source.initialize();
      await (file === undefined ? source.runMigrations() : prepareFile(source));
    } catch (fault) {
      if (source.isInitialized) await source.destroy();
      throw databaseUnusable(place, fault);
    }
    return new Database(source);
  }

  /**
   * Runs work in a transaction of its own, one at a time for the whole process, in the order of the calls.
   * What the work throws rolls everything back and is thrown on.
   *
   * @throws FatbuildrError `DATABASE.NESTED_TRANSACTION` from within another transaction's work, which
   *   would otherwise wait for itself for ever
   */
  async transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    if (this.inside.getStore()) throw nestedTransaction();
    return this.writing.runExclusive(() =>
      this.inside.run(true, () => this.dataSource.transaction(work)),
    );
  }

  /**
   * Changes rows by one statement. Those of callers that ask while another write is under way share the next
   * transaction and what it costs; when one of them fails, each is done again on its own.
   *
   * @param work one call that changes rows, and nothing else
   */
  statement<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    if (this.inside.getStore()) return Promise.reject(nestedTransaction());
    return new Promise<T>((resolve, reject) => {
      const statement: Statement = {
        run: async (manager) => {
          const result = await work(manager);
          return () => resolve(result);
        },
        alone: () => void this.transaction(work).then(resolve, reject),
      };
      if (this.statements.push(statement) === 1) void this.runStatements();
    });
  }

  private async runStatements(): Promise<void> {
    let statements: Statement[] = [];
    try {
      const resolves = await this.writing.runExclusive(() => {
        [statements, this.statements] = [this.statements, []];
        return this.inside.run(true, () => this.together(statements));
      });
      for (const resolve of resolves) resolve();
    } catch {
      for (const { alone } of statements) alone();
    }
  }

  private async together(statements: readonly Statement[]): Promise<(() => void)[]> {
    const [only] = statements;
    // The database takes a single one for a transaction by itself.
    if (only && statements.length === 1) return [await only.run(this.dataSource.manager)];
    return this.dataSource.transaction(async (manager) => {
      const done: (() => void)[] = [];
      for (const { run } of statements) done.push(await run(manager));
      return done;
    });
  }

  async onApplicationShutdown(): Promise<void> {
    // A transaction under way ends first.
    await this.writing.runExclusive(() => this.dataSource.destroy());
  }
}

interface Statement {
  /** @returns tells the caller, once all is committed */
  run: (manager: EntityManager) => Promise<() => void>;
  alone: () => void;
}

/** Tables are brought up to date in one transaction. */
async function prepareFile(source: DataSource): Promise<void> {
  // With a write-ahead log the file stays whole, whatever happens, and a killed process loses nothing. Only
  // a failing machine may lose the last moment (sqlite.org/pragma.html#pragma_synchronous), which then also
  // lacks the files that belong to it: nobody waits for the disk at every commit.
  await source.query('PRAGMA journal_mode = WAL');
  await source.query('PRAGMA synchronous = NORMAL');
  // Taking the write lock shows a locked or read-only file now and not in the middle of the first task; and
  // of two programs that start together the second finds the tables as the first has made them.
  await source.query('BEGIN IMMEDIATE');
  try {
    await source.runMigrations({ transaction: 'none' });
    await source.query('COMMIT');
  } catch (fault) {
    await source.query('ROLLBACK');
    throw fault;
  }
}
