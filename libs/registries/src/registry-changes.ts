import { Injectable } from '@nestjs/common';
import { Database } from '@fatbuildr/database';
import { messageOf } from '@fatbuildr/errors';
import type { Instance } from '@fatbuildr/instances';
import type { LogLevelName } from '@fatbuildr/protocol';
import { needsReindex } from './registries.errors';
import type { PublicationAction } from './registries.entity';
import type { NameRange, PackageRecord, RegistryFormat } from './registry-format.port';
import { RegistryIndex, type IndexedPackage } from './registry-index';
import { registryLayout } from './registry-layout';

/** Who changes a registry, and where it tells what it does. */
export interface ChangedBy {
  task: string;
  user: string;
  journal?: { log(level: LogLevelName, message: string): void };
}

export interface AddedPackage {
  derivative: string;
  record: PackageRecord;
  /** The row that it takes the place of, which tells who published it. */
  origin?: IndexedPackage;
}

export interface Change {
  action: PublicationAction;
  by: ChangedBy;
  added: readonly AddedPackage[];
  removed: readonly IndexedPackage[];
  /** Every part of the index is written, even where it should not differ from what is served. */
  everything?: boolean;
}

/**
 * Changes of a distribution's index: the new index beside the old one, then rows and the atomic switch of
 * the index in one transaction. To be made by who holds the registry's lock.
 */
@Injectable()
export class RegistryChanges {
  constructor(
    private readonly database: Database,
    private readonly index: RegistryIndex,
  ) {}

  /** Makes all changes, by one new index, or none of them. */
  async make(
    format: RegistryFormat,
    instance: Instance,
    distribution: string,
    changes: readonly Change[],
  ): Promise<void> {
    const key = { instance: instance.id, format: format.format, distribution };
    const published = (await this.index.state(key)) ?? undefined;
    if (published === undefined && changes.some(({ action }) => action !== 'reindex')) {
      const onDisk = await format.publishedDistributions(instance);
      if (onDisk.includes(distribution)) throw needsReindex(format.format, distribution);
    }
    const removed = changes.flatMap((change) => change.removed);
    const added = changes.flatMap((change) => change.added);
    const parts = [
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
      changed: changes.some(({ everything }) => everything) ? undefined : parts,
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
        for (const change of changes) {
          const { action, by } = change;
          for (const { derivative, record, origin } of change.added) {
            const from = { ...by, date, ...(origin ? originOf(origin) : {}) };
            await this.index.add(manager, { ...key, derivative }, record, from);
          }
          await this.index.record(
            manager,
            { ...key, stamp: staged.stamp, date: staged.date },
            { ...key, action, task: by.task, user: by.user, date, packages: summaries(change) },
          );
        }
        await staged.switch();
      });
    } catch (fault) {
      await staged.revert();
      throw fault;
    }
    try {
      await staged.settle();
    } catch (fault) {
      for (const { by } of changes) {
        by.journal?.log('warning', `Old index files were not tidied up: ${messageOf(fault)}`);
      }
    }
  }
}

function isWithin(name: string, { from, before }: Partial<NameRange> = {}): boolean {
  return (from === undefined || name >= from) && (before === undefined || name < before);
}

function originOf({ task, user, published }: IndexedPackage) {
  return { task, user, date: published };
}

function summaries({ added, removed }: Change): string[] {
  return [
    ...removed.map((row) => summary(row.derivative, row)),
    ...added.map(({ derivative, record }) => summary(derivative, record)),
  ];
}

/** Names a package within a distribution. */
export function summary(
  derivative: string,
  { name, version, architecture }: { name: string; version: string; architecture: string },
): string {
  return `${derivative} ${name} ${version} ${architecture}`;
}
