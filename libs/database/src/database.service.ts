import { AsyncLocalStorage } from 'node:async_hooks';
import { Mutex } from 'async-mutex';
import type { Configuration } from '@fatbuildr/config';
import type { OnApplicationShutdown } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { locateDatabase, preparePrivateFile, type DatabaseContents } from './data-source';
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
  /** Works that wait for a transaction they share. */
  private waiting: SharedWork[] = [];
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
    const source = new DataSource(options);
    try {
      if (file !== undefined) await preparePrivateFile(file);
      await source.initialize();
      if (file !== undefined) await prepareFile(source);
      await source.runMigrations();
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
   * As `transaction`, for small works of many callers: those asked for while another transaction runs share
   * the next one, and what it costs. A work that throws makes the others of its transaction be done again,
   * each in one of its own, so none may change anything but rows.
   */
  shareTransaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    if (this.inside.getStore()) return Promise.reject(nestedTransaction());
    return new Promise<T>((resolve, reject) => {
      const shared: SharedWork = {
        run: async (manager) => {
          const result = await work(manager);
          return () => resolve(result);
        },
        alone: () => void this.transaction(work).then(resolve, reject),
      };
      if (this.waiting.push(shared) === 1) void this.runShared();
    });
  }

  private async runShared(): Promise<void> {
    let works: SharedWork[] = [];
    try {
      const resolves = await this.writing.runExclusive(() => {
        [works, this.waiting] = [this.waiting, []];
        return this.inside.run(true, () =>
          this.dataSource.transaction(async (manager) => {
            const done: (() => void)[] = [];
            for (const { run } of works) done.push(await run(manager));
            return done;
          }),
        );
      });
      for (const resolve of resolves) resolve();
    } catch {
      for (const { alone } of works) alone();
    }
  }

  async onApplicationShutdown(): Promise<void> {
    // A transaction under way ends first.
    await this.writing.runExclusive(() => this.dataSource.destroy());
  }
}

interface SharedWork {
  /** @returns tells the caller, once the transaction is committed */
  run: (manager: EntityManager) => Promise<() => void>;
  alone: () => void;
}

async function prepareFile(source: DataSource): Promise<void> {
  // With a write-ahead log the file stays whole, whatever happens, and a killed process loses nothing. Only
  // a failing machine may lose the last moment (sqlite.org/pragma.html#pragma_synchronous), which then also
  // lacks the files that belong to it: nobody waits for the disk at every commit.
  await source.query('PRAGMA synchronous = NORMAL');
  // Taking the write lock shows a locked or read-only file now and not in the middle of the first task.
  await source.query('BEGIN IMMEDIATE');
  await source.query('ROLLBACK');
}
