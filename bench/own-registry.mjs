// A registry of the daemon's own modules in this process, filled with packages that are only rows: none of
// their files is ever looked at again once a package is published.
import { mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { debRow, fillRegistry, rpmRow } from './filled-registry.mjs';

const DISTRIBUTION = 'bench';
const BY = { task: 'bench', user: 'bench' };

export class OwnRegistry {
  #app;
  #service;
  #plugin;
  #instance;
  #place;

  constructor({ app, service, plugin, instance, place }) {
    this.#app = app;
    this.#service = service;
    this.#plugin = plugin;
    this.#instance = instance;
    this.#place = place;
  }

  /**
   * @param {string} folder emptied first
   * @param {number} size packages it holds before the first is published
   * @param {'deb' | 'rpm'} format
   * @param {string} sample an RPM which all others are like; none is needed for deb
   */
  static async create({ root, folder, size, format = 'deb', sample }) {
    const require = createRequire(join(root, 'dist/libs/'));
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const { Instance } = require('./instances/src');
    const { ConfigModule } = require('./config/src');
    const { Database, DatabaseModule } = require('./database/src');
    const registries = require('./registries/src');
    const { AptRegistry, AptRegistryModule } = require('./formats/deb/src');
    const { DnfRegistry, DnfRegistryModule } = require('./formats/rpm/src');
    const [RegistryModule, Registry] =
      format === 'deb' ? [AptRegistryModule, AptRegistry] : [DnfRegistryModule, DnfRegistry];
    const { KeyringModule, KeyringService } = require('./keyring/src');
    const { Module } = require('@nestjs/common');
    const { NestFactory } = require('@nestjs/core');
    const configuration = ConfigModule.forRoot(configurationOf(folder));
    const database = DatabaseModule.forRoot({
      entities: registries.REGISTRIES_ENTITIES,
      migrations: registries.REGISTRIES_MIGRATIONS,
    });
    class Bench {}
    Module({
      imports: [
        configuration,
        database,
        KeyringModule,
        registries.RegistriesModule,
        RegistryModule,
      ],
    })(Bench);
    const app = await NestFactory.createApplicationContext(Bench, { logger: ['error'] });
    const instance = new Instance(instanceOf(format));
    await app.get(KeyringService).create(instance);
    const place = { format, distribution: DISTRIBUTION, derivative: 'main' };
    const plugin = app.get(Registry);
    const service = app.get(registries.RegistriesService);
    const registry = new OwnRegistry({ app, service, plugin, instance, place });
    const rowOf = format === 'deb' ? debRow : rpmRow((await registry.read([sample]))[0]);
    await fillRegistry(app.get(Database), { instance: instance.id, ...place }, size, rowOf);
    return registry;
  }

  /** What a publication does before it is its turn. */
  read(files) {
    return this.#plugin.read({ instance: this.#instance, ...this.#place, files });
  }

  async publish(files) {
    await this.#service.publish(this.#instance, this.#place, files, BY);
  }

  async delete(name, version) {
    const artifact = { name, architecture: 'x86_64', version };
    await this.#service.delete(this.#instance, this.#place, artifact, BY);
  }

  list() {
    return this.#service.artifacts(this.#instance, this.#place);
  }

  search(text) {
    return this.#service.search(this.#instance, text);
  }

  async close() {
    await this.#app.close();
  }
}

function configurationOf(folder) {
  return {
    dirs: {
      state: join(folder, 'state'),
      cache: join(folder, 'cache'),
      registry: join(folder, 'registry'),
    },
    registry: { conf: folder, validity: undefined, retain: 3, url: undefined },
    sources: { timeout: 60_000, maxSize: 1e9, maxUnpacked: 1e9, maxEntries: 10_000 },
    database: { url: undefined },
    keyring: { storage: join(folder, 'keyring'), type: 'rsa', size: 4096, expires: undefined },
  };
}

function instanceOf(format) {
  const pipeline = {
    format,
    distribution: DISTRIBUTION,
    environment: DISTRIBUTION,
    modules: [],
  };
  return {
    id: 'bench',
    name: 'Bench',
    gpg: { name: 'Bench', email: 'bench@acme.example' },
    architectures: ['x86_64'],
    pipelines: [pipeline],
    derivatives: new Map(),
  };
}
