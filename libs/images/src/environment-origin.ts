import type { FormatConfiguration } from '@fatbuildr/config';
import type { Pipeline } from '@fatbuildr/instances';
import type { EnvironmentRequest } from './environment-tool.port';

/** Where the packages of an environment come from. */
export interface EnvironmentOrigin {
  /** `undefined`: neither pipelines nor configuration name one. */
  mirror: string | undefined;
  components: readonly string[];
  modules: readonly string[];
}

/** What the first pipeline says, else the configuration of the format. */
export function originOf(
  [pipeline]: readonly Pipeline[],
  format: FormatConfiguration | undefined,
): EnvironmentOrigin {
  const components = pipeline?.components ?? format?.envDefaultComponents ?? '';
  const modules = pipeline?.modules ?? [];
  return {
    mirror: pipeline?.mirror ?? format?.envDefaultMirror,
    components: components.split(/[\s,]+/).filter(Boolean),
    modules: modules.length > 0 ? modules : (format?.envDefaultModules ?? []),
  };
}

/** Says so when pipelines that build in the same environment want it made differently. */
export function warnOfDifferences({ environment, pipelines, context }: EnvironmentRequest): void {
  const [first] = pipelines;
  if (first === undefined || !originsDiffer(pipelines)) return;
  context.journal.log(
    'warning',
    `Pipelines name different mirrors, components or modules for environment ${environment}; those of ${first.distribution} are used`,
  );
}

/** Whether pipelines that build in the same environment want it made differently. */
function originsDiffer(pipelines: readonly Pipeline[]): boolean {
  const wishes = pipelines.map(({ mirror, components, modules }) =>
    JSON.stringify([mirror, components, modules]),
  );
  return new Set(wishes).size > 1;
}
