import { join } from 'node:path';
import type { Configuration } from '@fatbuildr/config';
import { AptRegistry, AptRegistryModule } from '@fatbuildr/formats/deb';
import { Instance } from '@fatbuildr/instances';
import type { RegistrySigner } from '@fatbuildr/registries';
import { openRegistryHost, type RegistryHost } from '../support/registry-host';

export { filesOf, TestSigner } from '../support/registry-host';

export interface TestRegistry extends RegistryHost {
  apt: AptRegistry;
  instance: Instance;
  /** The registry's public folder. */
  root: string;
}

export async function openRegistry(
  home: string,
  signer: RegistrySigner,
  settings: Partial<Configuration['registry']> = {},
): Promise<TestRegistry> {
  const host = await openRegistryHost(home, signer, AptRegistryModule, settings);
  return {
    ...host,
    apt: host.app.get(AptRegistry),
    instance: demoInstance(),
    root: join(home, 'registry', 'acme', 'deb'),
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
    ],
    derivatives: new Map([['extra', { formats: undefined, extends: 'main' }]]),
  });
}
