import type { Instance } from '@fatbuildr/instances';

/** What was typed into the form, to be shown again. */
export type SubmitValues = Readonly<Record<string, unknown>>;

export interface SubmitView {
  /** By format. */
  targets: { format: string; targets: { value: string; text: string }[] }[];
  architectures: readonly string[];
  values: SubmitValues;
  fault: string | undefined;
}

export function submitView(
  instance: Instance,
  values: SubmitValues = {},
  fault?: string,
): SubmitView {
  const targets = instance.formats.map((format) => ({
    format,
    targets: instance.distributions(format).flatMap((distribution) =>
      instance.distributionDerivatives(distribution).map((derivative) => ({
        value: [format, distribution, derivative].join('/'),
        text: `${distribution} / ${derivative}`,
      })),
    ),
  }));
  return { targets, architectures: instance.architectures, values, fault };
}
