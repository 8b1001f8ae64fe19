import type { Instance } from '@fatbuildr/instances';

/** What was typed into the form, to be shown again. */
export type SubmitValues = Readonly<Record<string, string>>;

export interface SubmitView {
  /** By format. */
  targets: { format: string; targets: { value: string; text: string }[] }[];
  architectures: { name: string; ticked: boolean }[];
  values: SubmitValues;
  fault: string | undefined;
}

/** @param values absent for a form nobody has filled in */
export function submitView(instance: Instance, values?: SubmitValues, fault?: string): SubmitView {
  const targets = instance.formats.map((format) => ({
    format,
    targets: instance.distributions(format).flatMap((distribution) =>
      instance.distributionDerivatives(distribution).map((derivative) => ({
        value: [format, distribution, derivative].join('/'),
        text: `${distribution} / ${derivative}`,
      })),
    ),
  }));
  const architectures = instance.architectures.map((name, index) => ({
    name,
    ticked: values === undefined ? index === 0 : `architecture/${name}` in values,
  }));
  return { targets, architectures, values: values ?? {}, fault };
}
