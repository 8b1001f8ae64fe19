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
      if (file !== undefined) await probe(source);
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

  async onApplicationShutdown(): Promise<void> {
    // A transaction under way ends first.
    await this.writing.runExclusive(() => this.dataSource.destroy());
  }
}

/** Taking the write lock shows a locked or read-only file now and not in the middle of the first task. */
async function probe(source: DataSource): Promise<void> {
  await source.query('BEGIN IMMEDIATE');
  await source.query('ROLLBACK');
}
