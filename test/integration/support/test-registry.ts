import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigModule, type Configuration } from '@fatbuildr/config';
import { Database, DatabaseModule } from '@fatbuildr/database';
import { AptRegistry, AptRegistryModule } from '@fatbuildr/formats/deb';
import { OsiRegistryModule } from '@fatbuildr/formats/osi';
import { DnfRegistry, DnfRegistryModule } from '@fatbuildr/formats/rpm';
import { TarballRegistryModule } from '@fatbuildr/formats/tarball';
import { Instance } from '@fatbuildr/instances';
import { KeyringService } from '@fatbuildr/keyring';
import {
  REGISTRIES_ENTITIES,
  REGISTRIES_MIGRATIONS,
  REGISTRY_SIGNER,
  RegistriesModule,
  RegistriesService,
  type RegistrySigner,
} from '@fatbuildr/registries';
import { Test, type TestingModule } from '@nestjs/testing';

/** Signs with the instance's own keyring; can be told to fail. */
export class TestSigner implements RegistrySigner {
  failing = false;

  private constructor(private readonly keyring: KeyringService) {}

  /** @param folder receives the keys, for as many registries as a test opens */
  static async create(
    folder: string,
    instances: readonly Instance[] = [demoInstance()],
  ): Promise<TestSigner> {
    const keyring = new KeyringService({
      keyring: { storage: folder, type: 'ed25519', size: 4096, expires: undefined },
    } as Configuration);
    for (const instance of instances) await keyring.create(instance);
    return new TestSigner(keyring);
  }

  clearSign(instance: Instance, text: string): Promise<string> {
    this.refuseWhenTold();
    return this.keyring.clearSign(instance, text);
  }

  detachSign(instance: Instance, data: Buffer, options: { armored: boolean }): Promise<Buffer> {
    this.refuseWhenTold();
    return this.keyring.detachSign(instance, data, options);
  }

  verify(instance: Instance, data: Buffer, signature: Buffer): Promise<boolean> {
    return this.keyring.verify(instance, data, signature);
  }

  export(instance: Instance): Promise<string> {
    return this.keyring.export(instance);
  }

  private refuseWhenTold(): void {
    if (this.failing) throw new Error('the keyring is on strike');
  }
}

export interface TestRegistry {
  service: RegistriesService;
  apt: AptRegistry;
  dnf: DnfRegistry;
  database: Database;
  instance: Instance;
  /** The public folder of each registry. */
  root: string;
  rpmRoot: string;
  close(): Promise<void>;
}

/** The registry's modules as the daemon wires them, on folders of the test's own. */
export async function openRegistry(
  home: string,
  signer: RegistrySigner,
  settings: Partial<Configuration['registry']> = {},
): Promise<TestRegistry> {
  const configuration = {
    dirs: {
      state: join(home, 'state'),
      cache: join(home, 'cache'),
      registry: join(home, 'registry'),
    },
    registry: { conf: home, validity: undefined, retain: 3, url: undefined, ...settings },
    sources: { timeout: 1000, maxSize: 1e8, maxUnpacked: 1e8, maxEntries: 10_000 },
    database: { url: undefined },
    keyring: { storage: join(home, 'unused'), type: 'ed25519', size: 4096, expires: undefined },
  } as Partial<Configuration> as Configuration;
  const app: TestingModule = await Test.createTestingModule({
    imports: [
      ConfigModule.forRoot(configuration),
      DatabaseModule.forRoot({
        entities: REGISTRIES_ENTITIES,
        migrations: REGISTRIES_MIGRATIONS,
      }),
      RegistriesModule,
      AptRegistryModule,
      DnfRegistryModule,
      OsiRegistryModule,
      TarballRegistryModule,
    ],
  })
    .overrideProvider(REGISTRY_SIGNER)
    .useValue(signer)
    .compile();
  await app.init();
  return {
    service: app.get(RegistriesService),
    apt: app.get(AptRegistry),
    dnf: app.get(DnfRegistry),
    database: app.get(Database),
    instance: demoInstance(),
    root: join(home, 'registry', 'acme', 'deb'),
    rpmRoot: join(home, 'registry', 'acme', 'rpm'),
    close: () => app.close(),
  };
}

export function demoInstance(
  architectures: string[] = ['x86_64', 'aarch64'],
  id = 'acme',
): Instance {
  const pipeline = {
    format: 'deb',
    tag: undefined,
    mirror: undefined,
    components: undefined,
    modules: [],
  };
  return new Instance({
    id,
    name: 'ACME Production',
    gpg: { name: 'ACME Packages', email: 'packages@acme.example' },
    architectures,
    pipelines: [
      { ...pipeline, distribution: 'bookworm', environment: 'bookworm' },
      { ...pipeline, distribution: 'trixie', environment: 'trixie' },
      { ...pipeline, format: 'rpm', distribution: 'el9', environment: 'el9' },
      { ...pipeline, format: 'osi', distribution: 'images', environment: undefined },
      { ...pipeline, format: 'tarball', distribution: 'stable', environment: undefined },
    ],
    derivatives: new Map([['extra', { formats: undefined, extends: 'main' }]]),
  });
}

/** Every file of a registry, relative to its folder. */
export async function filesOf(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
      .sort();
  } catch {
    return [];
  }
}
