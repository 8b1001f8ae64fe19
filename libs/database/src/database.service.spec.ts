import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Column,
  DataSource,
  Entity,
  PrimaryColumn,
  Table,
  type MigrationInterface,
  type QueryRunner,
} from 'typeorm';
import { Database } from './database.service';

@Entity('notes')
class Note {
  @PrimaryColumn({ type: 'varchar' })
  id!: string;

  @Column({ type: 'varchar' })
  text!: string;
}

class CreateNotes1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'notes',
        columns: [
          { name: 'id', type: 'varchar', isPrimary: true },
          { name: 'text', type: 'varchar' },
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('notes');
  }
}

const contents = { entities: [Note], migrations: [CreateNotes1700000000000] };
let state: string;
let opened: Database[];

beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'fatbuildr-database-'));
  opened = [];
});

afterEach(async () => {
  for (const database of opened) await database.onApplicationShutdown();
  await rm(state, { recursive: true });
});

async function open(url?: string): Promise<Database> {
  const dirs = { state } as Parameters<typeof Database.open>[0]['dirs'];
  const database = await Database.open({ dirs, database: { url } }, contents);
  opened.push(database);
  return database;
}

const file = () => join(state, 'fatbuildr.sqlite');

describe('Database', () => {
  it('keeps rows over a restart, in a file only its owner reads', async () => {
    const first = await open();
    await first.transaction((manager) => manager.insert(Note, { id: 'a', text: 'kept' }));
    await opened.pop()?.onApplicationShutdown();
    const second = await open();
    expect(await second.dataSource.manager.find(Note)).toEqual([{ id: 'a', text: 'kept' }]);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
  });

  it('is opened by several programs at once', async () => {
    const databases = await Promise.all([open(), open(), open()]);
    for (const { dataSource } of databases) {
      expect(await dataSource.query('SELECT name FROM migrations')).toEqual([
        { name: CreateNotes1700000000000.name },
      ]);
    }
  });

  it('is as it was when its tables cannot be brought up to date', async () => {
    class Breaks1800000000000 implements MigrationInterface {
      async up(runner: QueryRunner): Promise<void> {
        await runner.query('CREATE TABLE half (id)');
        throw new Error('no further');
      }
      async down(): Promise<void> {}
    }
    const dirs = { state } as Parameters<typeof Database.open>[0]['dirs'];
    const migrations = [...contents.migrations, Breaks1800000000000];
    const newer = Database.open(
      { dirs, database: { url: undefined } },
      { ...contents, migrations },
    );
    await expect(newer).rejects.toThrow(/no further/);
    const { dataSource } = await open();
    expect(await dataSource.query("SELECT name FROM sqlite_master WHERE name = 'half'")).toEqual(
      [],
    );
  });

  it('uses a write-ahead log and enforces foreign keys', async () => {
    const { dataSource } = await open();
    expect(await dataSource.query('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    expect(await dataSource.query('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }]);
  });

  it('runs concurrent transactions one after the other and rolls back only the failed one', async () => {
    const database = await open();
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c'].map((id) =>
        database.transaction(async (manager) => {
          await manager.insert(Note, { id, text: 'first' });
          await new Promise((resolve) => setImmediate(resolve));
          if (id === 'b') throw new Error('given up');
          await manager.update(Note, { id }, { text: 'second' });
        }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await database.dataSource.manager.find(Note, { order: { id: 'ASC' } })).toEqual([
      { id: 'a', text: 'second' },
      { id: 'c', text: 'second' },
    ]);
  });

  it('lets statements share a transaction, of which a failing one spoils no other', async () => {
    const database = await open();
    const begun = jest.spyOn(database.dataSource, 'transaction');
    const insert = (id: string) =>
      database.statement((manager) => manager.insert(Note, { id, text: 'shared' }));
    await Promise.all(['a', 'b', 'c'].map(insert));
    expect(begun).toHaveBeenCalledTimes(1);
    const outcomes = await Promise.allSettled(['d', 'a', 'e'].map(insert));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const rows = await database.dataSource.manager.find(Note, { order: { id: 'ASC' } });
    expect(rows.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('answers a statement once it is committed', async () => {
    const database = await open();
    const other = await new DataSource({ type: 'sqlite', database: file() }).initialize();
    await database.statement((manager) => manager.insert(Note, { id: 'a', text: 'seen' }));
    expect(await other.query('SELECT id FROM notes')).toEqual([{ id: 'a' }]);
    await other.destroy();
  });

  it('lets no other process write between what a transaction reads and what it writes', async () => {
    const database = await open();
    const other = await new DataSource({ type: 'sqlite', database: file() }).initialize();
    await other.query('PRAGMA busy_timeout = 0');
    await database.transaction(async (manager) => {
      expect(await manager.count(Note)).toBe(0);
      const writing = other.query(`INSERT INTO notes (id, text) VALUES ('b', 'between')`);
      await expect(writing).rejects.toThrow(/SQLITE_BUSY/);
      await manager.insert(Note, { id: 'a', text: 'first' });
    });
    await other.destroy();
  });

  it('refuses a transaction inside a transaction instead of waiting for ever', async () => {
    const database = await open();
    await expect(
      database.transaction(() => database.transaction(() => Promise.resolve())),
    ).rejects.toMatchObject({ code: 'DATABASE.NESTED_TRANSACTION' });
    await expect(
      database.transaction(() => database.statement(() => Promise.resolve())),
    ).rejects.toMatchObject({ code: 'DATABASE.NESTED_TRANSACTION' });
  });

  it('names a file that is not a database', async () => {
    await writeFile(
      file(),
      'something else entirely, and long enough to be a header of a page\n'.repeat(50),
    );
    await expect(open()).rejects.toMatchObject({
      code: 'DATABASE.UNUSABLE',
      message: expect.stringMatching(/fatbuildr\.sqlite: it is not an SQLite database/),
    });
  });

  it('names a folder in the place of the file', async () => {
    await mkdir(file());
    await expect(open()).rejects.toMatchObject({
      code: 'DATABASE.UNUSABLE',
      message: expect.stringMatching(/fatbuildr\.sqlite: a folder is in its place/),
    });
  });

  it('says that another process holds the lock', async () => {
    await open();
    const other = await new DataSource({ type: 'sqlite', database: file() }).initialize();
    await other.query('BEGIN IMMEDIATE');
    await expect(open()).rejects.toMatchObject({
      code: 'DATABASE.UNUSABLE',
      message: expect.stringMatching(/another process holds it locked/),
    });
    await other.destroy();
  }, 20_000);

  it('refuses an address of another kind of database', async () => {
    await expect(open('mysql://db.example.org/fatbuildr')).rejects.toMatchObject({
      code: 'DATABASE.UNKNOWN_URL',
    });
  });

  it('keeps the password of an unreachable server out of the message', async () => {
    await expect(open('postgres://fatbuildr:secret@127.0.0.1:1/fatbuildr')).rejects.toMatchObject({
      code: 'DATABASE.UNUSABLE',
      message: expect.not.stringContaining('secret'),
    });
  });
});
