import type { Explain } from '@fatbuildr/builds';
import type { Command } from '@fatbuildr/containers';
import { aptCommand } from '@fatbuildr/images';
import { prescriptDependencies } from './builder.errors';
import { parseUnmetDependencies } from './unmet-dependencies';

/** Installs the packages of a prescript. */
export const aptInstall = (packages: readonly string[]): Command =>
  aptCommand('install', '--no-install-recommends', '--', ...packages);

/** Why apt-get did not install what a prescript needs, from what it printed. */
export function explainMissing(artifact: string): Explain {
  return (printed) => {
    const unmet = parseUnmetDependencies(printed);
    return unmet.length > 0 ? prescriptDependencies(artifact, unmet) : undefined;
  };
}
