import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { Database } from '@fatbuildr/database';
import type { Instance } from '@fatbuildr/instances';
import type { LogLevelName, RegistryPlace } from '@fatbuildr/protocol';
import { messageOf } from '@fatbuildr/errors';
import { placeFiles, registryRoot, removeFiles } from './pool';
import { PublicationLock } from './publication-lock';
import { alreadyPublished, fileConflict, needsReindex, placeText } from './registries.errors';
import type { PublicationAction } from './registries.entity';
import type { IndexPart, NameRange, PackageRecord, RegistryFormat } from './registry-format.port';
import { isResigningDue } from './registry-expiry';
import { RegistryIndex, type IndexedPackage } from './registry-index';
import { registryLayout } from './registry-layout';

/** Who changes a registry, and where it tells what it does. */
export interface ChangedBy {
  task: string;
  user: string;
  journal?: { log(level: LogLevelName, message: string): void };
}

interface Change {
  action: PublicationAction;
  added: readonly { derivative: string; record: PackageRecord; origin?: IndexedPackage }[];
  removed: readonly IndexedPackage[];
  /** Every part of the index is written, even where it should not differ from what is served. */
  everything?: boolean;
}

/**
 * Every change of a registry: files first, then the new index beside the old one, then rows and the atomic
 * switch of the index in one transaction. What dies before the switch leaves the old index served; what
 * dies between switch and commit leaves an index the rows don't know, which `recover` brings back in line.
 */
@Injectable()
export class RegistryPublisher {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly database: Database,
    private readonly index: RegistryIndex,
    private readonly lock: PublicationLock,
  ) {}

  /** @returns what was not published before */
  async publish(
    format: RegistryFormat,
    instance: Instance,
    place: RegistryPlace,
    files: readonly string[],
    by: ChangedBy,
  ): Promise<PackageRecord[]> {
    const { derivative } = place;
    const records = await format.read({ instance, derivative, files });
    return this.lock.hold({ instance: instance.id, format: place.format }, by, async () => {
      const fresh = await this.unpublished(instance, place, records);
      if (fresh.length === 0) {
        by.journal?.log('info', `${placeText(place)} already holds exactly these packages`);
        return [];
      }
      const root = this.root(instance, place.format);
      const placed = await placeFiles(
        root,
        fresh.flatMap((record) => record.files),
      );
      try {
        await this.change(
          format,
          instance,
          place.distribution,
          {
            action: 'publish',
            added: fresh.map((record) => ({ derivative, record })),
            removed: [],
          },
          by,
        );
      } catch (fault) {
        await removeFiles(root, placed);
        throw fault;
      }
      for (const { name, version, architecture } of fresh) {
        by.journal?.log(
          'info',
          `Published ${name} ${version} (${architecture}) in ${placeText(place)}`,
        );
      }
      return fresh;
    });
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
      const change = { action: 'delete', added: [], removed } as const;
      await this.change(format, instance, place.distribution, change, by);
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
        const added: Change['added'][number][] = [];
        for (const { derivative, files } of places) {
          for (const file of files) {
            for (const record of await this.readAgain(format, instance, derivative, file, by)) {
              const origin = origins.get(summary(derivative, record));
              added.push({ derivative, record, origin });
            }
          }
        }
        const change = { action: 'reindex', added, removed, everything: true } as const;
        await this.change(format, instance, distribution, change, by);
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

  private rewrite(
    format: RegistryFormat,
    instance: Instance,
    distribution: string,
    by: ChangedBy,
  ): Promise<void> {
    const change = { action: 'refresh', added: [], removed: [] } as const;
    return this.change(format, instance, distribution, change, by);
  }

  private async change(
    format: RegistryFormat,
    instance: Instance,
    distribution: string,
    { action, added, removed, everything }: Change,
    by: ChangedBy,
  ): Promise<void> {
    const key = { instance: instance.id, format: format.format, distribution };
    const published = (await this.index.state(key)) ?? undefined;
    if (published === undefined && action !== 'reindex') {
      const onDisk = await format.publishedDistributions(instance);
      if (onDisk.includes(distribution)) throw needsReindex(format.format, distribution);
    }
    const parts: (IndexPart & { name: string })[] = [
      ...removed,
      ...added.map(({ derivative, record: { architecture, name } }) => ({
        derivative,
        architecture,
        name,
      })),
    ];
    const gone = new Set(removed.map(({ id }) => id));
    const staged = await format.stage({
      instance,
      distribution,
      ...(await registryLayout(this.index, instance, format.format, distribution, parts)),
      published,
      changed: everything ? undefined : parts,
      fragments: async (derivative, architectures, names) => {
        const present = await this.index.fragments(key, derivative, architectures, names);
        const coming = added
          .filter(
            ({ derivative: place, record }) =>
              place === derivative &&
              architectures.includes(record.architecture) &&
              isWithin(record.name, names),
          )
          .map(({ record }) => ({ id: Infinity, name: record.name, fragment: record.fragment }));
        return [...present.filter(({ id }) => !gone.has(id)), ...coming].sort((a, b) =>
          a.name < b.name ? -1 : a.name > b.name ? 1 : 0,
        );
      },
    });
    const date = Date.now();
    try {
      await this.database.transaction(async (manager) => {
        await this.index.remove(manager, [...gone]);
        for (const { derivative, record, origin } of added) {
          const from = { ...by, date, ...(origin ? originOf(origin) : {}) };
          await this.index.add(manager, { ...key, derivative }, record, from);
        }
        await this.index.record(
          manager,
          { ...key, stamp: staged.stamp, date: staged.date },
          {
            ...key,
            action,
            task: by.task,
            user: by.user,
            date,
            packages: [
              ...removed.map((row) => summary(row.derivative, row)),
              ...added.map(({ derivative, record }) => summary(derivative, record)),
            ],
          },
        );
        await staged.switch();
      });
    } catch (fault) {
      await staged.revert();
      throw fault;
    }
    try {
      await staged.settle();
    } catch (fault) {
      by.journal?.log('warning', `Old index files were not tidied up: ${messageOf(fault)}`);
    }
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
    derivative: string,
    file: string,
    by: ChangedBy,
  ): Promise<PackageRecord[]> {
    try {
      return await format.read({ instance, derivative, files: [file] });
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

function isWithin(name: string, { from, before }: Partial<NameRange> = {}): boolean {
  return (from === undefined || name >= from) && (before === undefined || name < before);
}

function originOf({ task, user, published }: IndexedPackage) {
  return { task, user, date: published };
}

function summary(
  derivative: string,
  { name, version, architecture }: { name: string; version: string; architecture: string },
): string {
  return `${derivative} ${name} ${version} ${architecture}`;
}
