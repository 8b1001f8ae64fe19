// A registry of the daemon's own modules in this process, filled with packages that are only rows: none of
// their files is ever looked at again once a package is published.
import { mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fillRegistry } from './filled-registry.mjs';

const PLACE = { format: 'deb', distribution: 'bench', derivative: 'main' };
const BY = { task: 'bench', user: 'bench' };

export class OwnRegistry {
  #app;
  #service;
  #instance;

  constructor(app, service, instance) {
    this.#app = app;
    this.#service = service;
    this.#instance = instance;
  }

  /**
   * @param {string} folder emptied first
   * @param {number} size packages it holds before the first is published
   */
  static async create({ root, folder, size }) {
    const require = createRequire(join(root, 'dist/libs/'));
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const { Instance } = require('./instances/src');
    const { ConfigModule } = require('./config/src');
    const { Database, DatabaseModule } = require('./database/src');
    const registries = require('./registries/src');
    const { AptRegistryModule } = require('./formats/deb/src');
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
        AptRegistryModule,
      ],
    })(Bench);
    const app = await NestFactory.createApplicationContext(Bench, { logger: ['error'] });
    const instance = new Instance(instanceOf());
    await app.get(KeyringService).create(instance);
    await fillRegistry(app.get(Database), { instance: instance.id, ...PLACE }, size);
    return new OwnRegistry(app, app.get(registries.RegistriesService), instance);
  }

  async publish(files) {
    await this.#service.publish(this.#instance, PLACE, files, BY);
  }

  async delete(name, version) {
    const artifact = { name, architecture: 'x86_64', version };
    await this.#service.delete(this.#instance, PLACE, artifact, BY);
  }

  list() {
    return this.#service.artifacts(this.#instance, PLACE);
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

function instanceOf() {
  const pipeline = {
    format: 'deb',
    distribution: PLACE.distribution,
    environment: PLACE.distribution,
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
