import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '@fatbuildr/config';
import { run } from '@fatbuildr/processes';
import { WebServer } from '../../apps/fatbuildrweb/src/web-server';
import { AptClient } from './apt-registry/apt-client';
import { buildTiny } from './apt-registry/demo-packages';
import { openRegistry, TestSigner, demoInstance, type TestRegistry } from './support/test-registry';

const PLACE = { format: 'deb', distribution: 'bookworm', derivative: 'main' };
const BY = { task: 'test', user: 'tester' };

let home: string;
let registry: TestRegistry;
let server: WebServer;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'fatbuildr-web-apt-'));
  const signer = await TestSigner.create(join(home, 'keys'));
  // An update on a busy machine may take as long as all publications here.
  registry = await openRegistry(home, signer, { retain: 10 });
  await mkdir(join(home, 'build'));
  const configuration = loadConfiguration({
    home,
    env: { FATBUILDR_WEB_HOST: '127.0.0.1', FATBUILDR_WEB_PORT: '0' },
  });
  server = await WebServer.start(configuration, [demoInstance()]);
}, 120_000);

afterAll(async () => {
  await server.stop();
  await registry.close();
  await rm(home, { recursive: true });
});

async function publish(name: string): Promise<void> {
  const file = await buildTiny(join(home, 'build'), name, '1.0');
  await registry.service.publish(registry.instance, PLACE, [file], BY);
}

async function client(name: string): Promise<AptClient> {
  const key = await (await fetch(`${server.url}/acme/deb/deb.sources`)).text();
  const signed = /Signed-By:[^]*/.exec(key)![0];
  const sources = `Types: deb\nURIs: ${server.url}/acme/deb\nSuites: bookworm\nComponents: main\n${signed}`;
  return AptClient.create(join(home, name), sources);
}

describe('apt over HTTP', () => {
  it('updates and downloads, many at once, while packages are being published', async () => {
    await publish('first');
    const clients = await Promise.all(Array.from({ length: 3 }, (_, at) => client(`apt-${at}`)));
    let publishing = true;
    const publications = (async () => {
      for (let at = 0; at < 5; at += 1) await publish(`more-${at}`);
      publishing = false;
    })();
    const updates = clients.map(async (apt) => {
      do await apt.update();
      while (publishing);
      // Once more, after the last one.
      await apt.update();
      await apt.get('download', 'first', 'more-4');
      const { stdout } = await run([
        'dpkg-deb',
        '-f',
        join(apt.downloads, 'more-4_1.0_amd64.deb'),
        'Package',
      ]);
      return stdout.toString().trim();
    });
    await publications;
    expect(await Promise.all(updates)).toEqual(clients.map(() => 'more-4'));
  }, 120_000);

  it('lists as JSON what apt sees, and finds it', async () => {
    const listing: unknown = await (
      await fetch(`${server.url}/acme/registry/deb/bookworm/main.json`)
    ).json();
    expect(listing).toContainEqual({
      ...{ name: 'first', architecture: 'x86_64', version: '1.0' },
      size: expect.any(Number) as number,
    });
    const found = (await (
      await fetch(`${server.url}/acme/search.json?artifact=more-3`)
    ).json()) as object;
    expect(found).toEqual({
      deb: { bookworm: { main: [expect.objectContaining({ name: 'more-3' })] } },
    });
  });

  it.each([
    '/acme/registry/deb/bookworm/main.json',
    '/api/v1/instances/acme/registries/deb/bookworm/main/artifacts',
  ])('lists at once what was published since the last listing: %s', async (path) => {
    const list = async () =>
      (await (await fetch(`${server.url}${path}`)).json()) as { name: string }[];
    const before = await list();
    expect(await list()).toEqual(before);
    await publish(`since-${before.length}`);
    expect(await list()).toHaveLength(before.length + 1);
    expect(await list()).toContainEqual(
      expect.objectContaining({ name: `since-${before.length}`, version: '1.0' }),
    );
  });
});
