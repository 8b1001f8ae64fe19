import type { Instance } from '@fatbuildr/instances';
import type { IndexPart } from './registry-format.port';
import type { RegistryIndex } from './registry-index';

/** Architectures that are no machine's: sources, and packages for every machine. */
const NO_MACHINE = new Set(['src', 'noarch']);

/**
 * What the index of a distribution has parts for: all the instance declares, and what is still published
 * although it is declared no more.
 */
export async function registryLayout(
  index: RegistryIndex,
  instance: Instance,
  format: string,
  distribution: string,
  coming: readonly IndexPart[],
): Promise<{ derivatives: string[]; architectures: string[] }> {
  const where = { instance: instance.id, format, distribution };
  const derivatives = new Set([
    'main',
    ...declaredDerivatives(instance, format, distribution),
    ...(await index.distinct('derivative', where)),
    ...coming.map(({ derivative }) => derivative),
  ]);
  const architectures = new Set([
    ...instance.architectures,
    ...(await index.distinct('architecture', where)),
    ...coming.map(({ architecture }) => architecture),
  ]);
  return {
    derivatives: [...derivatives],
    architectures: [...architectures].filter((name) => !NO_MACHINE.has(name)),
  };
}

/** Empty for a distribution that is not declared any more. */
export function declaredDerivatives(
  instance: Instance,
  format: string,
  distribution: string,
): readonly string[] {
  return instance.distributions(format).includes(distribution)
    ? instance.distributionDerivatives(distribution)
    : [];
}
