import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import type { Instance } from '@fatbuildr/instances';
import type { RegistryPlace } from '@fatbuildr/protocol';
import { messageOf, withPlace } from '@fatbuildr/errors';
import { JoinedWork } from './joined-work';
import { placeFiles, registryRoot, removeFiles } from './pool';
import { PublicationLock } from './publication-lock';
import { alreadyPublished, fileConflict, placeText } from './registries.errors';
import { RegistryChanges, summary, type AddedPackage, type ChangedBy } from './registry-changes';
import type { PackageRecord, RegistryFormat } from './registry-format.port';
import { isResigningDue } from './registry-expiry';
import { RegistryIndex, type IndexedPackage } from './registry-index';
import { registryLayout } from './registry-layout';

/** Packages that were read, for one place of a registry. */
interface Publication {
  place: RegistryPlace;
  records: readonly PackageRecord[];
  by: ChangedBy;
}

/**
 * Every change of a registry: files first, then rows and index, as `RegistryChanges` makes them. What dies
 * before the switch leaves the old index served; what dies between switch and commit leaves an index the
 * rows don't know, which `recover` brings back in line.
 */
@Injectable()
export class RegistryPublisher {
  private readonly together = new JoinedWork<Publication, PackageRecord[]>();

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly index: RegistryIndex,
    private readonly changes: RegistryChanges,
    private readonly lock: PublicationLock,
  ) {}

  /**
   * Publications that wait for the same distribution are made together: one index for all of them.
   *
   * @returns what was not published before
   */
  async publish(
    format: RegistryFormat,
    instance: Instance,
    place: RegistryPlace,
    files: readonly string[],
    by: ChangedBy,
  ): Promise<PackageRecord[]> {
    const { derivative, distribution } = place;
    const records = await format.read({ instance, distribution, derivative, files });
    const registry = { instance: instance.id, format: place.format };
    return this.together.join(
      JSON.stringify([instance.id, place.format, distribution]),
      { place, records, by },
      (take) =>
        this.lock.hold(registry, by, () => this.publishAll(format, instance, distribution, take())),
    );
  }

  /**
   * @param select chooses the packages once the registry is locked, and refuses when there are none
   * @returns what was removed
   */
  async delete(
    format: RegistryFormat,
    instance: Instance,
    place: RegistryPlace,
    select: () => Promise<IndexedPackage[]>,
    by: ChangedBy,
  ): Promise<IndexedPackage[]> {
    return this.lock.hold({ instance: instance.id, format: place.format }, by, async () => {
      const removed = await select();
      const files = await this.index.files(removed.map(({ id }) => id));
      const change = { action: 'delete', by, added: [], removed } as const;
      await this.changes.make(format, instance, place.distribution, [change]);
      const orphans: string[] = [];
      for (const path of new Set(files.map((file) => file.path))) {
        const owners = await this.index.owners(
          { instance: instance.id, format: place.format },
          path,
        );
        if (owners.length === 0) orphans.push(path);
      }
      await removeFiles(this.root(instance, place.format), orphans);
      for (const { name, version, architecture } of removed) {
        by.journal?.log(
          'info',
          `Deleted ${name} ${version} (${architecture}) from ${placeText(place)}`,
        );
      }
      return removed;
    });
  }

  /** Rebuilds rows and indices of a format from the registry's files. */
  async reindex(format: RegistryFormat, instance: Instance, by: ChangedBy): Promise<void> {
    const registry = { instance: instance.id, format: format.format };
    await this.lock.hold(registry, by, async () => {
      const onDisk = await format.publishedDistributions(instance);
      const known = await this.index.distinct('distribution', registry);
      for (const distribution of [...new Set([...onDisk, ...known])].sort()) {
        const removed = await this.index.packages({ ...registry, distribution });
        const places = onDisk.includes(distribution)
          ? await format.scan(instance, distribution)
          : await this.remembered(instance, removed);
        const origins = new Map(removed.map((row) => [summary(row.derivative, row), row]));
        const added: AddedPackage[] = [];
        for (const { derivative, files } of places) {
          for (const file of files) {
            const place = { distribution, derivative };
            for (const record of await this.readAgain(format, instance, place, file, by)) {
              const origin = origins.get(summary(derivative, record));
              added.push({ derivative, record, origin });
            }
          }
        }
        const change = { action: 'reindex', by, added, removed, everything: true } as const;
        await this.changes.make(format, instance, distribution, [change]);
        by.journal?.log(
          'info',
          `Indexed ${added.length} packages of ${format.format} ${distribution}`,
        );
      }
    });
  }

  /**
   * Signs the indices of a format again, for example with a new key, and dates them anew.
   *
   * @param due chooses distributions, when the registry is locked; all by default
   * @returns the distributions
   */
  async refresh(
    format: RegistryFormat,
    instance: Instance,
    by: ChangedBy,
    due: (distribution: string) => Promise<boolean> = () => Promise.resolve(true),
  ): Promise<string[]> {
    const registry = { instance: instance.id, format: format.format };
    return this.lock.hold(registry, by, async () => {
      const signed: string[] = [];
      for (const { distribution } of await this.index.states(registry)) {
        if (!(await due(distribution))) continue;
        await this.rewrite(format, instance, distribution, by);
        signed.push(distribution);
      }
      return signed;
    });
  }

  /** @returns the distributions whose index was signed again because it was due */
  async resignDue(format: RegistryFormat, instance: Instance, by: ChangedBy): Promise<string[]> {
    const { validity } = this.configuration.registry;
    const due = async (distribution: string) =>
      isResigningDue(validity, await format.expiry(instance, distribution), Date.now());
    // Looked at before the registry is locked too: most of the time nothing is due.
    const registry = { instance: instance.id, format: format.format };
    for (const { distribution } of await this.index.states(registry)) {
      if (await due(distribution)) return this.refresh(format, instance, by, due);
    }
    return [];
  }

  /** Brings the published indices in line with the rows where they differ. @returns what it mended */
  async recover(format: RegistryFormat, instance: Instance, by: ChangedBy): Promise<string[]> {
    const registry = { instance: instance.id, format: format.format };
    const states = await this.index.states(registry);
    const onDisk = await format.publishedDistributions(instance);
    if (onDisk.some((name) => !states.some(({ distribution }) => distribution === name))) {
      // The database is younger than the registry: it was lost or another one is in its place.
      await this.reindex(format, instance, by);
      return onDisk;
    }
    const mended: string[] = [];
    for (const { distribution, stamp } of states) {
      const layout = await registryLayout(this.index, instance, format.format, distribution, []);
      if (await format.isCurrent({ instance, distribution, stamp, ...layout })) continue;
      await this.lock.hold(registry, by, () => this.rewrite(format, instance, distribution, by));
      mended.push(distribution);
    }
    return mended;
  }

  /** Publications of a distribution, the registry being locked. @returns how each ended */
  private async publishAll(
    format: RegistryFormat,
    instance: Instance,
    distribution: string,
    all: readonly Publication[],
  ): Promise<PromiseSettledResult<PackageRecord[]>[]> {
    if (all.length === 1 || !overlap(all)) {
      try {
        const fresh = await this.publishTogether(format, instance, distribution, all);
        return fresh.map((value) => ({ status: 'fulfilled', value }));
      } catch (fault) {
        if (all.length === 1) {
          return [
            { status: 'rejected', reason: withPlace(fault, this.root(instance, format.format)) },
          ];
        }
      }
    }
    // One of them is at fault, or builds on another: each for itself.
    const results: PromiseSettledResult<PackageRecord[]>[] = [];
    for (const one of all) {
      results.push(...(await this.publishAll(format, instance, distribution, [one])));
    }
    return results;
  }

  /** All or none of them. @returns what was not published before, of each */
  private async publishTogether(
    format: RegistryFormat,
    instance: Instance,
    distribution: string,
    all: readonly Publication[],
  ): Promise<PackageRecord[][]> {
    const fresh: PackageRecord[][] = [];
    for (const { place, records } of all) {
      fresh.push(await this.unpublished(instance, place, records));
    }
    const changes = all.flatMap(({ place: { derivative }, by }, at) => {
      const added = (fresh[at] ?? []).map((record) => ({ derivative, record }));
      return added.length > 0 ? [{ action: 'publish', by, added, removed: [] } as const] : [];
    });
    if (changes.length > 0) {
      const root = this.root(instance, format.format);
      const placed = await placeFiles(
        root,
        fresh.flat().flatMap(({ files }) => files),
      );
      try {
        await this.changes.make(format, instance, distribution, changes);
      } catch (fault) {
        await removeFiles(root, placed);
        throw fault;
      }
    }
    all.forEach((publication, at) => tellPublished(publication, fresh[at] ?? []));
    return fresh;
  }

  private rewrite(
    format: RegistryFormat,
    instance: Instance,
    distribution: string,
    by: ChangedBy,
  ): Promise<void> {
    const change = { action: 'refresh', by, added: [], removed: [] } as const;
    return this.changes.make(format, instance, distribution, [change]);
  }

  /** @throws FatbuildrError where a name and version, or a file, is published with other content */
  private async unpublished(
    instance: Instance,
    place: RegistryPlace,
    records: readonly PackageRecord[],
  ): Promise<PackageRecord[]> {
    const fresh: PackageRecord[] = [];
    for (const record of records) {
      const { name, architecture, version } = record;
      const [row] = await this.index.packages({
        instance: instance.id,
        ...place,
        name,
        architecture,
        version,
      });
      if (row === undefined) {
        await this.refuseConflicts(instance, place.format, record);
        fresh.push(record);
        continue;
      }
      const files = await this.index.files([row.id]);
      const same = files.every(({ path, sha512 }) =>
        record.files.some((file) => file.path === path && file.sha512 === sha512),
      );
      if (same && files.length === record.files.length) continue;
      const from = row.source === record.source ? '' : ` from source ${row.source}`;
      throw alreadyPublished(place, record, from);
    }
    return fresh;
  }

  private async refuseConflicts(
    instance: Instance,
    format: string,
    record: PackageRecord,
  ): Promise<void> {
    for (const { path, sha512 } of record.files) {
      const owners = await this.index.owners({ instance: instance.id, format }, path);
      const other = owners.find((owned) => owned.sha512 !== sha512)?.owner;
      if (other !== undefined) {
        throw fileConflict(path, `${other.name} ${other.version} in ${other.distribution}`);
      }
    }
  }

  private async readAgain(
    format: RegistryFormat,
    instance: Instance,
    place: Pick<RegistryPlace, 'distribution' | 'derivative'>,
    file: string,
    by: ChangedBy,
  ): Promise<PackageRecord[]> {
    try {
      return await format.read({ instance, ...place, files: [file] });
    } catch (fault) {
      by.journal?.log('warning', `Left out of the index: ${messageOf(fault)}`);
      return [];
    }
  }

  /** The places of packages as the rows know them, for a distribution whose index was lost. */
  private async remembered(instance: Instance, rows: readonly IndexedPackage[]) {
    const places = [];
    for (const row of rows) {
      const [first] = await this.index.files([row.id]);
      if (first === undefined) continue;
      const files = [join(this.root(instance, row.format), first.path)];
      places.push({ distribution: row.distribution, derivative: row.derivative, files });
    }
    return places;
  }

  private root(instance: Instance, format: string): string {
    return registryRoot(this.configuration, instance, format);
  }
}

/** Whether a package or a file is in more than one of them. */
function overlap(all: readonly Publication[]): boolean {
  const claimed = all.map(
    ({ place: { derivative }, records }) =>
      new Set(
        records.flatMap((record) => [
          summary(derivative, record),
          ...record.files.map(({ path }) => path),
        ]),
      ),
  );
  const count = claimed.reduce((sum, { size }) => sum + size, 0);
  return new Set(claimed.flatMap((set) => [...set])).size < count;
}

function tellPublished({ place, by }: Publication, fresh: readonly PackageRecord[]): void {
  const where = placeText(place);
  if (fresh.length === 0) {
    by.journal?.log('info', `${where} already holds exactly these packages`);
  }
  for (const { name, version, architecture } of fresh) {
    by.journal?.log('info', `Published ${name} ${version} (${architecture}) in ${where}`);
  }
}
