import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { compareDebianVersions } from '@fatbuildr/artifacts';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import type { Instance } from '@fatbuildr/instances';
import {
  DESCRIPTION_ENDING,
  plainClientSetup,
  readDescribed,
  REGISTRY_SIGNER,
  RegistryFormats,
  registryRoot,
  SAFE_NAME,
  StagedFiles,
  type ClientRequest,
  type ClientSetup,
  type PackageRecord,
  type PlaceOnDisk,
  type RegistryFormat,
  type RegistrySigner,
  type StagedIndex,
  type StageRequest,
} from '@fatbuildr/registries';
import { readRelease, SOURCE } from './release';
import { formatIndex, formatSums, parseIndex, stampOf, SUMS } from './signed-sums';
import { unexpectedFile } from './tarball.errors';

/** The armored public key, in the registry's folder. */
const KEYRING = 'keyring.asc';

type Place = Pick<ClientRequest, 'distribution' | 'derivative'>;

/**
 * Folders of release archives, `<distribution>/<derivative>/<name>/`, for plain HTTP tools; the signed list
 * of digests in the distribution's folder is the index.
 */
@Injectable()
export class TarballRegistry implements RegistryFormat, OnModuleInit {
  readonly format = 'tarball';
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
    return readDescribed(request.files, (file) => this.record(file, request), unexpectedFile);
  }

  async stage(request: StageRequest): Promise<StagedIndex> {
    const { instance, distribution, derivatives, architectures, published } = request;
    const sums: string[] = [];
    for (const derivative of derivatives) {
      const found = await request.fragments(derivative, [SOURCE, ...architectures]);
      sums.push(...found.map(({ fragment }) => fragment));
    }
    // A clock set back must not show.
    const date = Math.max(Date.now(), published?.date ?? 0);
    const signed = await this.signer.clearSign(instance, formatIndex(distribution, date, sums));
    const root = this.root(instance);
    const staged = new StagedFiles();
    try {
      await staged.writeAll([
        [join(root, KEYRING), await this.signer.export(instance)],
        [join(root, distribution, SUMS), signed],
      ]);
    } catch (fault) {
      await staged.revert();
      throw fault;
    }
    return {
      stamp: stampOf(signed),
      date,
      switch: () => staged.switch(),
      revert: () => staged.revert(),
      settle: () => staged.settle(),
    };
  }

  async isCurrent(request: Parameters<RegistryFormat['isCurrent']>[0]): Promise<boolean> {
    const signed = await this.index(request.instance, request.distribution);
    return signed !== undefined && stampOf(signed) === request.stamp;
  }

  /** What sha256sum checks does not expire. */
  expiry(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async publishedDistributions(instance: Instance): Promise<string[]> {
    const names = await readdir(this.root(instance)).catch(absent);
    const published: string[] = [];
    for (const name of (names ?? []).sort()) {
      if ((await this.index(instance, name)) !== undefined) published.push(name);
    }
    return published;
  }

  async scan(instance: Instance, distribution: string): Promise<PlaceOnDisk[]> {
    const files = new Map<string, string[]>();
    for (const { path } of parseIndex((await this.index(instance, distribution)) ?? '')) {
      const parts = path.split('/');
      const [derivative = ''] = parts;
      if (!path.endsWith(DESCRIPTION_ENDING) || parts.length !== 3) continue;
      if (!parts.every((part) => SAFE_NAME.test(part))) continue;
      const found = files.get(derivative) ?? [];
      files.set(derivative, [...found, join(this.root(instance), distribution, path)]);
    }
    return [...files].map(([derivative, found]) => ({ distribution, derivative, files: found }));
  }

  clientSetup({ distribution, derivative, uri, ...client }: ClientRequest): ClientSetup {
    const address = `${uri}/${distribution}`;
    return plainClientSetup(client, {
      address,
      fetchSums: (keyring) => [
        `curl --fail --remote-name '${address}/${SUMS}'`,
        `gpgv --keyring ${keyring} --output SHA256SUMS ${SUMS}`,
      ],
      wanted: [`${derivative}/${client.package ?? 'PACKAGE'}/`],
    });
  }

  private async record(file: string, { distribution, derivative }: Place): Promise<PackageRecord> {
    const { maxUnpacked, maxEntries } = this.configuration.sources;
    const release = await readRelease(file, { maxUnpacked, maxEntries });
    const { name, architecture, version, changelog, content, digests } = release;
    const folder = `${derivative}/${name}`;
    return {
      ...{ name, architecture, version, changelog, content },
      source: name,
      sourceVersion: version,
      fragment: formatSums(
        digests.map(({ sha256, name: own }) => ({ sha256, path: `${folder}/${own}` })),
      ),
      files: digests.map(({ name: own, ...rest }) => ({
        ...rest,
        path: `${distribution}/${folder}/${own}`,
      })),
    };
  }

  /** The signed index of a distribution; `undefined` when there is none. */
  private async index(instance: Instance, distribution: string): Promise<string | undefined> {
    return readFile(join(this.root(instance), distribution, SUMS), 'utf8').catch(absent);
  }

  private root(instance: Instance): string {
    return registryRoot(this.configuration, instance, this.format);
  }
}

function absent(fault: NodeJS.ErrnoException): undefined {
  // A file beside the folders of distributions holds no index either.
  if (fault.code === 'ENOENT' || fault.code === 'ENOTDIR') return undefined;
  throw fault;
}
