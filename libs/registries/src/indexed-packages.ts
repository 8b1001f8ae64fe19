import type { Instance } from '@fatbuildr/instances';
import type { Artifact, RegistryPlace } from '@fatbuildr/protocol';
import type { RegistryFormat } from './registry-format.port';
import type { IndexedPackage } from './registry-index';

export function where(instance: Instance, { format, distribution, derivative }: RegistryPlace) {
  return { instance: instance.id, format, distribution, derivative };
}

export function artifactOf({ name, architecture, version, size }: Artifact): Artifact {
  return { name, architecture, version, size };
}

export function architecturesOf(rows: readonly IndexedPackage[]): string[] {
  return [...new Set(rows.map(({ architecture }) => architecture))];
}

export function newest(
  format: RegistryFormat,
  rows: readonly IndexedPackage[],
  versionOf: (row: IndexedPackage) => string = ({ version }) => version,
): IndexedPackage | undefined {
  return rows.reduce<IndexedPackage | undefined>(
    (best, row) =>
      best === undefined || format.compareVersions(versionOf(best), versionOf(row)) < 0
        ? row
        : best,
    undefined,
  );
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
