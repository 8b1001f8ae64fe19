import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import type { BinaryRequest } from '@fatbuildr/builds';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { KeyringService } from '@fatbuildr/keyring';
import { registryRoot } from '@fatbuildr/registries';
import type { DnfRepository } from '../environment/dnf-configuration';
import { relevantPackages } from './relevant-packages';

const FORMAT = 'rpm';
/** Of the most specific derivative; each that it extends comes after it, all before the distribution's 99. */
const FIRST_PRIORITY = 10;
const LAST_PRIORITY = 98;

/** The instance's registry as a source of packages for a build. */
export interface OwnSource {
  /** Absolute path of its folder. */
  folder: string;
  /** The armored public key. */
  key: string;
  /** Paths of repositories below the folder, the most specific derivative first. */
  places: readonly string[];
}

/** Finds what the instance itself has published for builds of a derivative. */
@Injectable()
export class OwnRegistry {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly keyring: KeyringService,
  ) {}

  /** @returns `undefined` before the first publication */
  async find(
    request: Pick<BinaryRequest, 'architecture' | 'derivative' | 'instance' | 'pipeline'>,
  ): Promise<OwnSource | undefined> {
    const { architecture, derivative, instance, pipeline } = request;
    const folder = registryRoot(this.configuration, instance, FORMAT);
    const places: string[] = [];
    for (const name of instance.recursiveDerivatives(derivative)) {
      const place = join(pipeline.distribution, name, architecture);
      const published = access(join(folder, place, 'repodata', 'repomd.xml'));
      if (
        await published.then(
          () => true,
          () => false,
        )
      )
        places.push(place);
    }
    if (places.length === 0) return undefined;
    return { folder, places, key: await this.keyring.export(instance) };
  }
}

/**
 * The registry as repositories of dnf.
 *
 * @param mount where a container sees the registry, and the file of its key
 */
export function ownRepositories(
  { places }: OwnSource,
  mount: { folder: string; key: string },
): DnfRepository[] {
  return places.map((place, index) => ({
    id: `fatbuildr-${place.replaceAll('/', '-')}`,
    url: `file://${mount.folder}/${place}`,
    keys: [mount.key],
    signedIndex: true,
    priority: Math.min(FIRST_PRIORITY + index, LAST_PRIORITY),
  }));
}

/** Digest of those published packages that a layer could contain; the same while they are the same. */
export function relevantDigest(
  source: OwnSource | undefined,
  names: ReadonlySet<string>,
): Promise<string> {
  return relevantPackages(
    (source?.places ?? []).map((place) => join(source!.folder, place)),
    names,
  );
}
