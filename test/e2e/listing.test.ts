import { loadConfiguration } from '@fatbuildr/config';
import { Database } from '@fatbuildr/database';
import { DbusClient } from '@fatbuildr/protocol-dbus';
import { REGISTRIES_ENTITIES, REGISTRIES_MIGRATIONS } from '@fatbuildr/registries';
import { HOST_CODENAME, hostInstance } from './support/host';
import { Installation } from './support/installation';

jest.setTimeout(120_000);

const ROWS = 30_000;
const PLACE = { format: 'deb', distribution: HOST_CODENAME, derivative: 'main' };

describe(`a listing of ${ROWS} artifacts`, () => {
  const installation = new Installation();
  const clients: DbusClient[] = [];

  beforeAll(async () => {
    await installation.configure({ default: hostInstance('Default') });
    await installation.start();
    await fill(installation.home);
    for (let count = 0; count < 2; count++) {
      const client = await DbusClient.connect({ kind: 'home', home: installation.home }, 'default');
      clients.push(client);
      // The daemon asks the bus once who it is.
      await client.registryFormats();
    }
  });

  afterAll(async () => {
    for (const client of clients) await client.close();
    await installation.remove();
  });

  it('keeps no other call waiting, of the same client or another', async () => {
    const [one, other] = clients as [DbusClient, DbusClient];
    const answered: string[] = [];
    const listing = one.artifacts(PLACE).finally(() => answered.push('listing'));
    const calls = [one, other].flatMap((client) => [
      client.pipelinesFormats(),
      client.pipelinesArchitectures(),
      client.registryFormats(),
    ]);
    await Promise.all(calls.map((call) => call.finally(() => answered.push('call'))));
    expect(await listing).toHaveLength(ROWS);
    expect(answered).toEqual([...calls.map(() => 'call'), 'listing']);
  });
});

/** Rows are all there is of the packages. */
async function fill(home: string): Promise<void> {
  const contents = { entities: REGISTRIES_ENTITIES, migrations: REGISTRIES_MIGRATIONS };
  const database = await Database.open(loadConfiguration({ home, env: {} }), contents);
  await database.transaction((manager) =>
    manager.query(
      `INSERT INTO registry_packages (instance, format, distribution, derivative, architecture, name,
         version, size, source, source_version, task, user, published, fragment)
       WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
       SELECT 'default', 'deb', ?, 'main', 'x86_64', 'package-' || n, '1.0-1', 1000, 'package-' || n,
         '1.0-1', 'fill', 'tester', 0, '' FROM numbers`,
      [ROWS, HOST_CODENAME],
    ),
  );
  await database.onApplicationShutdown();
}
