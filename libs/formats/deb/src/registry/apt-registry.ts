import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { Semaphore } from 'async-mutex';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { compareDebianVersions } from '@fatbuildr/artifacts';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import type { Instance } from '@fatbuildr/instances';
import {
  CHUNK_LENGTH,
  exists,
  listFolders,
  REGISTRY_SIGNER,
  RegistryFormats,
  registryAddress,
  registryRoot,
  type ClientRequest,
  type ClientSetup,
  type PackageRecord,
  type PlaceOnDisk,
  type RegistryFormat,
  type RegistrySigner,
  type StagedIndex,
  type StageRequest,
} from '@fatbuildr/registries';
import { distributionFolder, isAptIndexCurrent, readRelease, stageAptIndex } from './apt-index';
import { formatClientSources } from './client-sources';
import { unexpectedFile } from './deb.errors';
import { parseStanzas } from './deb822';
import { binaryRecord, sourceRecord } from './package-records';
import { dscFileName } from './pool-path';

const FORMAT = 'deb';
/** The armored public key, in the registry's folder. */
const KEYRING = 'keyring.asc';
/** Packages unpacked at the same time. */
const READ_AT_ONCE = 4;

/** An instance's own registry as a source of packages for apt. */
export interface AptSource {
  /** Absolute path of the registry's folder. */
  folder: string;
  suite: string;
  /** Most specific first. */
  components: string[];
  /** Absolute path of the armored public key. */
  keyring: string;
}

/** APT repositories: `pool/`, `dists/` and signed indices, without any tool of Debian's archive. */
@Injectable()
export class AptRegistry implements RegistryFormat, OnModuleInit {
  readonly format = FORMAT;
  readonly compareVersions = compareDebianVersions;

  /** Packages in a chunk of an index, on average. */
  chunkLength = CHUNK_LENGTH;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(REGISTRY_SIGNER) private readonly signer: RegistrySigner,
    private readonly formats: RegistryFormats,
  ) {}

  onModuleInit(): void {
    this.formats.register(this);
  }

  /**
   * What apt needs to install from this registry inside a build of a derivative; `undefined` before the
   * first publication.
   */
  async sourceFor(
    instance: Instance,
    distribution: string,
    derivative: string,
  ): Promise<AptSource | undefined> {
    const folder = this.root(instance);
    const served = await readRelease(distributionFolder(folder, distribution));
    if (served === undefined) return undefined;
    const components = instance
      .recursiveDerivatives(derivative)
      .filter((name) => served.release.components.includes(name));
    return { folder, suite: distribution, components, keyring: join(folder, KEYRING) };
  }

  async read(request: { derivative: string; files: readonly string[] }): Promise<PackageRecord[]> {
    const { derivative, files } = request;
    const { maxUnpacked, maxEntries } = this.configuration.sources;
    const limits = { maxUnpacked, maxEntries };
    const unknown = new Set<string>();
    const places = new Semaphore(READ_AT_ONCE);
    const reading: Promise<PackageRecord>[] = [];
    for (const file of files) {
      const kind = extname(file);
      const read = kind === '.deb' ? binaryRecord : kind === '.dsc' ? sourceRecord : undefined;
      if (read) reading.push(places.runExclusive(() => read(file, derivative, limits)));
      // Descriptions of the build itself are kept with its task, not published.
      else if (kind !== '.changes' && kind !== '.buildinfo') unknown.add(file);
    }
    // All have ended before a fault is thrown: the files may be removed by then.
    await Promise.allSettled(reading);
    const records = await Promise.all(reading);
    for (const { files: read } of records) for (const { from } of read) unknown.delete(from);
    for (const file of unknown) throw unexpectedFile(file);
    return records;
  }

  async stage(request: StageRequest): Promise<StagedIndex> {
    const { instance, distribution, derivatives } = request;
    const key = await this.signer.export(instance);
    const others = await this.publishedDistributions(instance);
    const declared = instance.distributions(FORMAT);
    const distributions = [
      ...declared.filter((name) => name === distribution || others.includes(name)),
      ...[distribution, ...others].filter((name) => !declared.includes(name)),
    ];
    const client = {
      name: instance.name,
      uri: registryAddress(this.configuration, instance, FORMAT),
      derivatives,
      key,
    };
    return stageAptIndex(request, {
      root: this.root(instance),
      validity: this.configuration.registry.validity,
      retain: this.configuration.registry.retain,
      signer: this.signer,
      cache: join(this.configuration.dirs.cache, 'registries', instance.id, FORMAT, distribution),
      chunkLength: this.chunkLength,
      companions: [
        [KEYRING, key],
        [
          `dists/${distribution}/${FORMAT}.sources`,
          formatClientSources({ ...client, distributions: [distribution] }),
        ],
        [
          `${FORMAT}.sources`,
          formatClientSources({ ...client, distributions: [...new Set(distributions)] }),
        ],
      ],
    });
  }

  clientSetup(client: ClientRequest): ClientSetup {
    const { instance, distribution, derivative } = client;
    const isDeclared = instance.distributions(FORMAT).includes(distribution);
    return {
      file: `/etc/apt/sources.list.d/${instance.id}.sources`,
      content: formatClientSources({
        name: instance.name,
        uri: client.uri,
        distributions: [distribution],
        derivatives: isDeclared ? instance.distributionDerivatives(distribution) : [],
        components: instance.recursiveDerivatives(derivative),
        key: client.key,
      }),
      commands: ['apt update', `apt install ${client.package ?? 'PACKAGE'}`],
    };
  }

  async expiry(instance: Instance, distribution: string): Promise<number | undefined> {
    const served = await readRelease(distributionFolder(this.root(instance), distribution));
    return served?.release.validUntil;
  }

  isCurrent(request: Parameters<RegistryFormat['isCurrent']>[0]): Promise<boolean> {
    return isAptIndexCurrent(this.root(request.instance), request);
  }

  async publishedDistributions(instance: Instance): Promise<string[]> {
    const dists = join(this.root(instance), 'dists');
    const names = await listFolders(dists);
    const published: string[] = [];
    for (const name of names.sort()) {
      if (await exists(join(dists, name, 'InRelease'))) published.push(name);
    }
    return published;
  }

  async scan(instance: Instance, distribution: string): Promise<PlaceOnDisk[]> {
    const root = this.root(instance);
    const folder = distributionFolder(root, distribution);
    const places: PlaceOnDisk[] = [];
    for (const component of await listFolders(folder)) {
      const files = new Set<string>();
      for (const part of await listFolders(join(folder, component))) {
        for (const path of await listedFiles(join(folder, component, part))) {
          files.add(join(root, path));
        }
      }
      if (files.size > 0) places.push({ distribution, derivative: component, files: [...files] });
    }
    return places;
  }

  private root(instance: Instance): string {
    return registryRoot(this.configuration, instance, FORMAT);
  }
}

/** Files that a Packages or Sources index names, relative to the registry; none can lead out of its pool. */
async function listedFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const [index, fileOf] of [
    ['Packages', packageFile],
    ['Sources', sourceFile],
  ] as const) {
    const path = join(folder, index);
    if (!(await exists(path))) continue;
    for (const stanza of parseStanzas(await readFile(path, 'utf8'))) {
      const file = fileOf(stanza);
      if (file?.startsWith('pool/') && !file.split('/').includes('..')) files.push(file);
    }
  }
  return files;
}

type Fields = ReturnType<typeof parseStanzas>[number];

function packageFile(stanza: Fields): string | undefined {
  return stanza.get('Filename');
}

function sourceFile(stanza: Fields): string {
  const file = dscFileName(stanza.get('Package') ?? '', stanza.get('Version') ?? '');
  return `${stanza.get('Directory')}/${basename(file)}`;
}
