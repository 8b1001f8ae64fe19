import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '@fatbuildr/config';
import { Database } from '@fatbuildr/database';
import { TASKS_ENTITIES, TASKS_MIGRATIONS } from './index';
import { KeyedSubmissions, type KeyedRequest } from './keyed-submissions';
import { TasksStore } from './tasks.store';

const DAY_MS = 24 * 3600 * 1000;
const NOW = Date.UTC(2026, 10, 25);

/** What one program has of the rows they share. */
interface Program {
  database: Database;
  store: TasksStore;
  keyed: KeyedSubmissions;
}

describe('submissions under a key', () => {
  let home: string;
  let programs: Program[];
  let submitted: string[];

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'fatbuildr-keys-'));
    jest.spyOn(Date, 'now').mockReturnValue(NOW);
    programs = [];
    submitted = [];
    await program();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    for (const { database } of programs) await database.onApplicationShutdown();
    await rm(home, { recursive: true });
  });

  async function program(): Promise<Program> {
    const contents = { entities: TASKS_ENTITIES, migrations: TASKS_MIGRATIONS };
    const database = await Database.open(loadConfiguration({ home, env: {} }), contents);
    const store = new TasksStore(database);
    const opened = { database, store, keyed: new KeyedSubmissions(database, store) };
    programs.push(opened);
    return opened;
  }

  const request = (changed: Partial<KeyedRequest> = {}): KeyedRequest => ({
    ...{ instance: 'default', caller: 'ada', key: 'order-66', request: 'POST /keyring' },
    ...changed,
  });
  const submit = (id: string, { store } = programs[0]!) => {
    submitted.push(id);
    const parameters = { name: 'keyring creation' } as const;
    return store.insert({
      ...{ id, instance: 'default', user: 'ada', parameters, place: `/w/${id}`, retries: null },
    });
  };
  const once = (changed: Partial<KeyedRequest> = {}, { keyed, ...rest } = programs[0]!) =>
    keyed.once(request(changed), (id) => submit(id, { keyed, ...rest }));
  const later = (milliseconds: number) => jest.mocked(Date.now).mockReturnValue(NOW + milliseconds);

  it('are made once, also when they are asked for at once', async () => {
    const ids = await Promise.all([once(), once(), once()]);
    expect(new Set(ids).size).toBe(1);
    expect(submitted).toEqual([ids[0]]);
  });

  it('are others for another instance, caller or key', async () => {
    const all = [{}, { instance: 'other' }, { caller: 'grace' }, { key: 'order-67' }];
    for (const changed of all) await once(changed);
    expect(new Set(submitted).size).toBe(4);
  });

  it('must ask for the same', async () => {
    await once();
    await expect(once({ request: 'DELETE /all' })).rejects.toMatchObject({
      code: 'TASKS.KEY_OF_ANOTHER',
    });
  });

  it.each([[''], ['a b'], ['ä'], ['x'.repeat(256)]])('take no key like "%s"', async (key) => {
    await expect(once({ key })).rejects.toMatchObject({ code: 'TASKS.SUBMISSION_KEY' });
    expect(submitted).toEqual([]);
  });

  it('that are refused leave the key free', async () => {
    const [{ keyed }] = programs as [Program];
    const refused = keyed.once(request(), () => Promise.reject(new Error('no')));
    await expect(refused).rejects.toThrow('no');
    await once({ request: 'another one' });
    expect(submitted).toHaveLength(1);
  });

  it('are remembered for a day', async () => {
    const first = await once();
    later(DAY_MS - 1);
    expect(await once()).toBe(first);
    later(DAY_MS);
    expect(await once()).not.toBe(first);
  });

  it('are made once by two programs', async () => {
    const [one, other] = [programs[0]!, await program()];
    const first = await once({}, one);
    expect(await once({}, other)).toBe(first);
    expect(submitted).toEqual([first]);
  });

  it('wait for another program that has begun, unless it died over it', async () => {
    const [one, other] = [programs[0]!, await program()];
    let die: (fault: Error) => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      const dies = new Promise((_, reject) => (die = reject));
      one.keyed
        .once(request(), () => {
          resolve();
          return dies;
        })
        .catch(() => undefined);
    });
    await begun;
    await expect(once({}, other)).rejects.toMatchObject({ code: 'TASKS.KEY_IN_USE' });
    later(60_000);
    const id = await once({}, other);
    die(new Error('it was killed'));
    expect(await once({}, one)).toBe(id);
    expect(submitted).toEqual([id]);
  });

  it('claimed by two programs in the same moment are made by one, and told to the other', async () => {
    const all = [programs[0]!, await program(), await program()];
    const answers = await Promise.allSettled(all.map((each) => once({}, each)));
    const made = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    const told = answers.flatMap((answer) =>
      answer.status === 'rejected' ? (answer.reason as { code: string }).code : [],
    );
    expect(new Set(made)).toEqual(new Set(submitted));
    expect(submitted).toHaveLength(1);
    expect(new Set([...told, 'TASKS.KEY_IN_USE']).size).toBe(1);
  });
});
