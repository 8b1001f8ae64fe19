import type { FatbuildrClient } from '@fatbuildr/protocol';
import {
  ambiguousDistribution,
  ambiguousFormat,
  derivativeWithoutFormat,
  formatContradiction,
  formatNotDefined,
  unknownFormat,
} from './submission.errors';

/** What the user said about where an artifact goes. */
export interface TargetRequest {
  artifact: string;
  /** Formats the artifact's definition has. */
  definedFormats: readonly string[];
  format?: string;
  distribution?: string;
  derivative: string;
}

export interface BuildTarget {
  format: string;
  distribution: string;
}

type Pipelines = Pick<
  FatbuildrClient,
  | 'pipelinesFormats'
  | 'pipelinesFormatDistributions'
  | 'pipelinesDistributionFormat'
  | 'pipelinesDerivativeFormats'
>;

/**
 * A distribution decides the format; a format decides the distribution when it has only one; without
 * either, the artifact's only format does.
 *
 * @throws FatbuildrError `TARGET.…` for a contradiction or a choice only the user can make
 */
export async function deduceTarget(
  request: TargetRequest,
  pipelines: Pipelines,
): Promise<BuildTarget> {
  const { artifact, definedFormats, derivative } = request;
  const format = await deduceFormat(request, pipelines);
  if (!definedFormats.includes(format)) throw formatNotDefined(artifact, format, definedFormats);
  const distribution = request.distribution ?? (await onlyDistribution(format, pipelines));
  const derivativeFormats = await pipelines.pipelinesDerivativeFormats(derivative);
  if (!derivativeFormats.includes(format)) {
    throw derivativeWithoutFormat(derivative, format, derivativeFormats);
  }
  return { format, distribution };
}

async function deduceFormat(request: TargetRequest, pipelines: Pipelines): Promise<string> {
  const { artifact, definedFormats, format, distribution } = request;
  if (distribution !== undefined) {
    const actual = await pipelines.pipelinesDistributionFormat(distribution);
    if (format !== undefined && format !== actual) {
      throw formatContradiction(distribution, format, actual);
    }
    return actual;
  }
  if (format !== undefined) return format;
  const [only, ...others] = definedFormats;
  if (only === undefined || others.length > 0) throw ambiguousFormat(artifact, definedFormats);
  return only;
}

async function onlyDistribution(format: string, pipelines: Pipelines): Promise<string> {
  const formats = await pipelines.pipelinesFormats();
  if (!formats.includes(format)) throw unknownFormat(format, formats);
  const distributions = await pipelines.pipelinesFormatDistributions(format);
  const [only, ...others] = distributions;
  if (only === undefined || others.length > 0) throw ambiguousDistribution(format, distributions);
  return only;
}
