import { rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { Semaphore } from 'async-mutex';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import type { Instance } from '@fatbuildr/instances';
import {
  allDone,
  CHUNK_LENGTH,
  exists,
  listEntries,
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
import { formatClientRepositories } from './client-repositories';
import { isDnfIndexCurrent, stageDnfIndex } from './dnf-index';
import { Generations, repositoryPath } from './generations';
import { notOurSignature, unexpectedFile, unreadableRpm } from './rpm.errors';
import { RpmFile } from './rpm-file';
import { architectureFolder, identify, rpmFileName, rpmRecord } from './rpm-record';
import { TAG } from './rpm-tags';
import { compareRpmVersions } from './rpm-version';

const FORMAT = 'rpm';
/** The armored public key, in the registry's folder. */
const KEYRING = 'keyring.asc';
/** Packages read at the same time. */
const READ_AT_ONCE = 4;

/** An instance's own registry as a source of packages for dnf. */
export interface DnfSource {
  /** Absolute path of the distribution's folder, which must be visible as a whole. */
  folder: string;
  /** Paths of repositories below it, `<derivative>/<architecture>`; the most specific derivative first. */
  repositories: string[];
  /** Absolute path of the armored public key. */
  keyring: string;
}

/** DNF repositories: `Packages/`, `repodata/` and signatures, without any tool of an RPM distribution. */
@Injectable()
export class DnfRegistry implements RegistryFormat, OnModuleInit {
  readonly format = FORMAT;
  readonly compareVersions = compareRpmVersions;

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
   * What dnf needs to install from this registry inside a build of a derivative; `undefined` before the
   * first publication.
   */
  async sourceFor(
    instance: Instance,
    distribution: string,
    derivative: string,
    architecture: string,
  ): Promise<DnfSource | undefined> {
    const folder = join(this.root(instance), distribution);
    const served = await new Generations(folder).served();
    if (served === undefined) return undefined;
    const repositories = instance
      .recursiveDerivatives(derivative)
      .map((name) => repositoryPath({ derivative: name, folder: architecture }))
      .filter((path) => served.repositories.has(path));
    return { folder, repositories, keyring: join(this.root(instance), KEYRING) };
  }

  /** Built packages that are not signed with the instance's key are signed, in their files. */
  async read(request: {
    instance: Instance;
    distribution: string;
    derivative: string;
    files: readonly string[];
  }): Promise<PackageRecord[]> {
    const stranger = request.files.find((file) => extname(file) !== '.rpm');
    if (stranger !== undefined) throw unexpectedFile(stranger);
    const places = new Semaphore(READ_AT_ONCE);
    const records = new Map<string, PackageRecord>();
    const place = `${request.distribution}/${request.derivative}`;
    await allDone(
      request.files.map((file) =>
        places.runExclusive(async () => {
          records.set(file, await this.readOne(request.instance, place, file));
        }),
      ),
    );
    return request.files.flatMap((file) => records.get(file) ?? []);
  }

  async stage(request: StageRequest): Promise<StagedIndex> {
    const { instance, distribution, derivatives } = request;
    const key = await this.signer.export(instance);
    const others = (await this.publishedDistributions(instance)).filter(
      (name) => name !== distribution,
    );
    const repositories = (
      distributions: readonly { name: string; derivatives: readonly string[] }[],
    ) =>
      formatClientRepositories({
        ...this.client(instance, registryAddress(this.configuration, instance, FORMAT)),
        distributions,
        enabled: ['main'],
      });
    const own = { name: distribution, derivatives };
    const all = [
      own,
      ...others.map((name) => ({ name, derivatives: derivativesOf(instance, name) })),
    ].sort((a, b) => declaredAt(instance, a.name) - declaredAt(instance, b.name));
    return stageDnfIndex(request, {
      root: this.root(instance),
      retain: this.configuration.registry.retain,
      signer: this.signer,
      cache: join(this.configuration.dirs.cache, 'registries', instance.id, FORMAT, distribution),
      chunkLength: this.chunkLength,
      companions: [
        [KEYRING, key],
        [`${distribution}/${FORMAT}.repo`, repositories([own])],
        [`${FORMAT}.repo`, repositories(all)],
      ],
    });
  }

  clientSetup(client: ClientRequest): ClientSetup {
    const { instance, distribution, derivative } = client;
    const enabled = instance.recursiveDerivatives(derivative);
    const derivatives = [...new Set([...derivativesOf(instance, distribution), ...enabled])];
    return {
      file: `/etc/yum.repos.d/${instance.id}.repo`,
      content: formatClientRepositories({
        ...this.client(instance, client.uri),
        distributions: [{ name: distribution, derivatives }],
        enabled,
      }),
      commands: [`dnf install ${client.package ?? 'PACKAGE'}`],
    };
  }

  /** Metadata of dnf do not expire by themselves. */
  expiry(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  isCurrent(request: Parameters<RegistryFormat['isCurrent']>[0]): Promise<boolean> {
    return isDnfIndexCurrent(this.root(request.instance), request);
  }

  async publishedDistributions(instance: Instance): Promise<string[]> {
    const published: string[] = [];
    for (const name of (await listFolders(this.root(instance))).sort()) {
      const generations = new Generations(join(this.root(instance), name));
      if ((await generations.currentName()) !== undefined) published.push(name);
    }
    return published;
  }

  /** All packages there are, for the index may be lost, or one was put beside it by hand. */
  async scan(instance: Instance, distribution: string): Promise<PlaceOnDisk[]> {
    const folder = join(this.root(instance), distribution);
    const places: PlaceOnDisk[] = [];
    for (const derivative of await listFolders(folder)) {
      const files: string[] = [];
      for (const architecture of await listFolders(join(folder, derivative))) {
        const packages = join(folder, derivative, architecture, 'Packages');
        for (const name of await listPackages(packages)) files.push(join(packages, name));
      }
      if (files.length > 0) places.push({ distribution, derivative, files });
    }
    return places;
  }

  /** @param place folder of the derivative, relative to the registry's */
  private async readOne(instance: Instance, place: string, file: string): Promise<PackageRecord> {
    const { maxEntries } = this.configuration.sources;
    let rpm: RpmFile | undefined;
    try {
      rpm = await RpmFile.open(file);
      const published = join(this.root(instance), publishedPath(place, rpm));
      const isOurs = await this.isOurs(instance, rpm);
      if (file.startsWith(`${this.root(instance)}/`)) {
        if (!isOurs) throw notOurSignature(file, rpm.signature !== undefined, instance.id);
        if (file !== published) throw new Error(`its place should be ${published}`);
      }
      let from = file;
      if (!isOurs) {
        const twin = await this.publishedTwin(instance, published, rpm);
        from = twin === undefined ? file : published;
        const unsigned = rpm;
        rpm = twin ?? (await this.sign(instance, file, unsigned));
        await unsigned.close();
      }
      return rpmRecord(rpm, { from, place, digests: await rpm.digest() }, maxEntries);
    } catch (fault) {
      throw unreadableRpm(file, fault);
    } finally {
      await rpm?.close();
    }
  }

  /** The same package where it is published already, with its signature, which differs each time it is made. */
  private async publishedTwin(
    instance: Instance,
    path: string,
    rpm: RpmFile,
  ): Promise<RpmFile | undefined> {
    // Without this digest a header says nothing of its payload.
    if (rpm.header.text(TAG.payloadDigest) === undefined || !(await exists(path))) return undefined;
    const twin = await RpmFile.open(path);
    try {
      if (twin.header.bytes.equals(rpm.header.bytes) && (await this.isOurs(instance, twin))) {
        await rpm.digest();
        return twin;
      }
    } catch (fault) {
      await twin.close();
      throw fault;
    }
    await twin.close();
    return undefined;
  }

  /** Signs the file in its place. @returns the signed one, open */
  private async sign(instance: Instance, file: string, rpm: RpmFile): Promise<RpmFile> {
    const { bytes } = rpm.header;
    const signature = await this.signer.detachSign(instance, bytes, { armored: false });
    const next = join(dirname(file), `.${basename(file)}.next`);
    try {
      await rpm.writeSigned(signature, next);
      await rename(next, file);
    } finally {
      await rm(next, { force: true });
    }
    return RpmFile.open(file);
  }

  private async isOurs(instance: Instance, { header, signature }: RpmFile): Promise<boolean> {
    if (signature === undefined) return false;
    return this.signer.verify(instance, header.bytes, signature);
  }

  private client(instance: Instance, uri: string) {
    return { instance: instance.id, name: instance.name, uri, keyring: `${uri}/${KEYRING}` };
  }

  private root(instance: Instance): string {
    return registryRoot(this.configuration, instance, FORMAT);
  }
}

/** Relative to the registry. */
function publishedPath(place: string, { header }: RpmFile): string {
  const identity = identify(header);
  return `${place}/${architectureFolder(identity.architecture)}/Packages/${rpmFileName(identity)}`;
}

/** Those declared; `main` alone for a distribution that is not declared any more. */
function derivativesOf(instance: Instance, distribution: string): readonly string[] {
  return declaredAt(instance, distribution) === Infinity
    ? ['main']
    : instance.distributionDerivatives(distribution);
}

/** Place of a distribution among those declared. */
function declaredAt(instance: Instance, distribution: string): number {
  const at = instance.distributions(FORMAT).indexOf(distribution);
  return at < 0 ? Infinity : at;
}

async function listPackages(folder: string): Promise<string[]> {
  const entries = await listEntries(folder);
  return entries
    .filter(
      (entry) => entry.isFile() && extname(entry.name) === '.rpm' && !entry.name.startsWith('.'),
    )
    .map(({ name }) => name)
    .sort();
}
