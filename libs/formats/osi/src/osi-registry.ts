import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { compareDebianVersions } from '@fatbuildr/artifacts';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import type { Instance } from '@fatbuildr/instances';
import {
  DESCRIPTION_ENDING,
  listFolders,
  plainClientSetup,
  readDescribed,
  REGISTRY_SIGNER,
  RegistryFormats,
  registryRoot,
  removeFiles,
  SAFE_NAME,
  StagedFiles,
  syncFolder,
  type ClientRequest,
  type ClientSetup,
  type PackageRecord,
  type PlaceOnDisk,
  type RegistryFormat,
  type RegistrySigner,
  type StagedIndex,
  type StageRequest,
} from '@fatbuildr/registries';
import { DEFINITION_ENDING, readImages, SOURCE } from './image-files';
import { unexpectedFile } from './osi.errors';
import {
  formatSums,
  joinSums,
  parseSums,
  readSums,
  SIGNATURE,
  SUMS,
  SumsGenerations,
} from './sums-generations';

/** The armored public key, in the registry's folder. */
const KEYRING = 'keyring.asc';

type Place = Pick<ClientRequest, 'distribution' | 'derivative'>;

/**
 * Folders of images, `<distribution>/<derivative>/`, each with the digests of all files in it and their
 * signature, for systemd-sysupdate and plain HTTP tools.
 */
@Injectable()
export class OsiRegistry implements RegistryFormat, OnModuleInit {
  readonly format = 'osi';
  readonly compareVersions = compareDebianVersions;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(REGISTRY_SIGNER) private readonly signer: RegistrySigner,
    private readonly formats: RegistryFormats,
  ) {}

  onModuleInit(): void {
    this.formats.register(this);
  }

  read(request: Place & { files: readonly string[] }): Promise<PackageRecord[]> {
    const files = request.files.filter((path) => !path.endsWith(DEFINITION_ENDING));
    return readDescribed(files, (file) => this.record(file, request), unexpectedFile);
  }

  async stage(request: StageRequest): Promise<StagedIndex> {
    const { instance, distribution, derivatives, architectures, published } = request;
    const folder = join(this.root(instance), distribution);
    const generations = new SumsGenerations(folder);
    const served = await generations.served();
    const before = await generations.currentName();
    const staged = new StagedFiles();
    const linked: string[] = [];
    const next = await generations.create();
    const revert = async () => {
      if ((await generations.currentName()) === basename(next)) await generations.serve(before);
      await staged.revert();
      await rm(next, { recursive: true, force: true });
      await removeFiles(folder, linked);
    };
    try {
      for (const derivative of derivatives) {
        const found = await request.fragments(derivative, [SOURCE, ...architectures]);
        const text = joinSums(found.map(({ fragment }) => fragment));
        const data = Buffer.from(text);
        const signature = await this.signer.detachSign(instance, data, { armored: false });
        await generations.write(next, derivative, text, signature);
        linked.push(...(await generations.ensureLinks(derivative)));
      }
      await syncFolder(next);
      const key = await this.signer.export(instance);
      await staged.write(join(this.root(instance), KEYRING), key);
      const { stamp } = await readSums(next);
      return {
        stamp,
        // A clock set back must not show.
        date: Math.max(Date.now(), published?.date ?? 0),
        switch: async () => {
          await staged.switch();
          await generations.serve(basename(next));
        },
        revert,
        settle: async () => {
          await staged.settle();
          await generations.prune();
          const gone = [...(served?.derivatives.keys() ?? [])].filter(
            (derivative) => !derivatives.includes(derivative),
          );
          await removeFiles(
            folder,
            gone.flatMap((derivative) => [`${derivative}/${SUMS}`, `${derivative}/${SIGNATURE}`]),
          );
        },
      };
    } catch (fault) {
      await revert();
      throw fault;
    }
  }

  async isCurrent(request: Parameters<RegistryFormat['isCurrent']>[0]): Promise<boolean> {
    const { instance, distribution, derivatives, stamp } = request;
    const generations = new SumsGenerations(join(this.root(instance), distribution));
    const served = await generations.served();
    if (served?.stamp !== stamp || served.derivatives.size !== derivatives.length) return false;
    for (const derivative of derivatives) {
      if (!served.derivatives.has(derivative)) return false;
      if (!(await generations.isLinked(derivative))) return false;
    }
    return true;
  }

  /** Digests and their signature do not expire. */
  expiry(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async publishedDistributions(instance: Instance): Promise<string[]> {
    const published: string[] = [];
    for (const name of (await listFolders(this.root(instance))).sort()) {
      const generations = new SumsGenerations(join(this.root(instance), name));
      if ((await generations.currentName()) !== undefined) published.push(name);
    }
    return published;
  }

  async scan(instance: Instance, distribution: string): Promise<PlaceOnDisk[]> {
    const folder = join(this.root(instance), distribution);
    const served = await new SumsGenerations(folder).served();
    return [...(served?.derivatives ?? [])].map(([derivative, text]) => ({
      ...{ distribution, derivative },
      files: parseSums(text)
        .filter(({ name }) => SAFE_NAME.test(name) && name.endsWith(DESCRIPTION_ENDING))
        .map(({ name }) => join(folder, derivative, name)),
    }));
  }

  clientSetup({ distribution, derivative, uri, ...client }: ClientRequest): ClientSetup {
    const address = `${uri}/${distribution}/${derivative}`;
    const name = client.package ?? 'ARTIFACT';
    return plainClientSetup(client, {
      address,
      fetchSums: (keyring) => [
        `curl --fail --remote-name-all '${address}/${SUMS}' '${address}/${SIGNATURE}'`,
        `gpgv --keyring ${keyring} ${SIGNATURE} ${SUMS}`,
      ],
      wanted: [`${name}_`, `${name}-`],
    });
  }

  private async record(file: string, { distribution, derivative }: Place): Promise<PackageRecord> {
    const { maxUnpacked, maxEntries } = this.configuration.sources;
    const images = await readImages(file, { maxUnpacked, maxEntries });
    const { name, architecture, version, changelog, content, digests } = images;
    return {
      ...{ name, architecture, version, changelog, content },
      ...{ source: name, sourceVersion: version },
      fragment: formatSums(digests),
      files: digests.map(({ name: own, ...rest }) => ({
        ...rest,
        path: `${distribution}/${derivative}/${own}`,
      })),
    };
  }

  private root(instance: Instance): string {
    return registryRoot(this.configuration, instance, this.format);
  }
}
