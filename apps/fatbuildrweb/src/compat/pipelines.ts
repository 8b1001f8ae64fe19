import type { Instance } from '@fatbuildr/instances';

/** What a pipeline must have; absent or empty: anything. */
export interface PipelineFilter {
  format?: string;
  distribution?: string;
  derivative?: string;
  environment?: string;
}

/** The pipelines of each format; `environment` is null where there is none. */
export type PipelinesByFormat = Record<
  string,
  { distribution: string; environment: string | null; derivatives: readonly string[] }[]
>;

/** The pipelines of an instance that fit a filter; formats without any are left out. */
export function matchingPipelines(instance: Instance, filter: PipelineFilter): PipelinesByFormat {
  const fits = (wanted: string | undefined, ...values: readonly (string | undefined)[]) =>
    !wanted || values.includes(wanted);
  const found: PipelinesByFormat = {};
  for (const { format, distribution, environment } of instance.pipelines) {
    const derivatives = instance.distributionDerivatives(distribution);
    if (
      fits(filter.format, format) &&
      fits(filter.distribution, distribution) &&
      fits(filter.environment, environment) &&
      fits(filter.derivative, ...derivatives)
    ) {
      (found[format] ??= []).push({ distribution, environment: environment ?? null, derivatives });
    }
  }
  return found;
}
