import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '@fatbuildr/database';
import { TASKS_ENTITIES, TASKS_MIGRATIONS } from '@fatbuildr/tasks';
import { DataSource } from 'typeorm';
import { SmallDisk } from './support/small-disk';

jest.setTimeout(60_000);

const PAGE = 4096;

describe('a database with a fault of its disk or its lock', () => {
  let folder: string;
  let disk: SmallDisk;
  let database: Database;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fatbuildr-database-faults-'));
    disk = await SmallDisk.mount(join(folder, 'state'), 4);
    database = await openDatabase();
    await insert('first');
  });

  afterEach(async () => {
    await database.onApplicationShutdown().catch(() => undefined);
    await disk.unmount();
    await rm(folder, { recursive: true });
  });

  const file = () => join(disk.folder, 'fatbuildr.sqlite');

  function openDatabase(): Promise<Database> {
    const dirs = { state: disk.folder } as Parameters<typeof Database.open>[0]['dirs'];
    const contents = { entities: TASKS_ENTITIES, migrations: TASKS_MIGRATIONS };
    return Database.open({ dirs, database: { url: undefined } }, contents);
  }

  /** @param size of the row, bytes */
  function insert(id: string, size = 10): Promise<unknown> {
    return database.transaction((manager) =>
      manager.query(
        `INSERT INTO tasks (id, instance, user, state, result, parameters, place, submitted, steps)
         VALUES (?, 'default', 'ada', 'pending', 'unknown', '{}', ?, 0, '[]')`,
        [id, 'x'.repeat(size)],
      ),
    );
  }

  const ids = async () => {
    const rows: { id: string }[] = await database.dataSource.query('SELECT id FROM tasks');
    return rows.map(({ id }) => id);
  };

  const unusable = (reason: string) => ({
    code: 'DATABASE.UNUSABLE',
    message: expect.stringContaining(`database ${file()}: ${reason}`),
  });

  it('whose disk is full says so, keeps its rows and takes new ones once there is room', async () => {
    await disk.fill();
    await expect(insert('second', 500_000)).rejects.toMatchObject(unusable('its disk is full'));
    expect(await ids()).toEqual(['first']);
    await disk.empty();
    await insert('third', 500_000);
    expect(await ids()).toEqual(['first', 'third']);
  });

  it('that another process keeps locked says so, and goes on when it is let go', async () => {
    const other = await new DataSource({ type: 'sqlite', database: file() }).initialize();
    await other.query('BEGIN IMMEDIATE');
    await expect(insert('second')).rejects.toMatchObject(
      unusable('another process holds it locked; stop that process'),
    );
    await other.destroy();
    await insert('third');
    expect(await ids()).toEqual(['first', 'third']);
  });

  it('on a read-only disk is not opened', async () => {
    await database.onApplicationShutdown();
    await disk.setReadOnly(true);
    await expect(openDatabase()).rejects.toMatchObject(
      unusable('its file system is mounted read-only'),
    );
  });

  it('that is damaged says so when it is opened or read, and what to do', async () => {
    for (let row = 0; row < 50; row++) await insert(`row-${row}`, PAGE);
    await database.onApplicationShutdown();
    const { size } = await stat(file());
    const handle = await open(file(), 'r+');
    // Its header stays whole: a file that is no database at all is found out sooner.
    await handle.write(Buffer.alloc(size - PAGE, 0xa5), 0, size - PAGE, PAGE);
    await handle.close();
    const reading = async () => {
      database = await openDatabase();
      await ids();
    };
    await expect(reading()).rejects.toMatchObject(
      unusable('it is damaged; restore it from a backup, or move it away'),
    );
  });
});
