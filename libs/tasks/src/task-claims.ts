import type { Instance } from '@fatbuildr/instances';
import type { ParametersOf, TaskName, TaskParameters } from '@fatbuildr/protocol';

/**
 * Something of an instance that tasks read and change, named from the whole to the part: what is claimed
 * of a thing is claimed of all its parts, `['image', 'a']` of `['image', 'a', 'bookworm', 'x86_64']`.
 */
export type Resource = readonly string[];

/** What a task relies on while it runs, and what it makes different for others. */
export interface Claims {
  reads: readonly Resource[];
  changes: readonly Resource[];
}

const keyring: Resource = ['keyring'];
const history: Resource = ['history'];
/** The image of a format, its environments, or one of them. */
const image = (format: string, ...environment: string[]): Resource => [
  ...['image', format],
  ...environment,
];
/** The registry of a format, one of its distributions, or an artifact there. */
const registry = (format: string, ...place: string[]): Resource => ['registry', format, ...place];

/**
 * The claims of every task. Two tasks of an instance conflict when one changes what the other reads or
 * changes: the later waits for the earlier.
 *
 * Publications need none of a whole registry, which has a lock of its own for its one moment of change; but
 * a build counts its version up from the published ones of the same artifact, so it is alone with that.
 */
const CLAIMS: {
  readonly [N in TaskName]: (parameters: ParametersOf<N>, instance: Instance) => Claims;
} = {
  'artifact build': (build, instance) => ({
    reads: [keyring, ...environmentsOf(build, instance)],
    changes: [registry(build.format, build.distribution, build.derivative, build.artifact)],
  }),
  // Nobody else is in it, and no purge removes it meanwhile.
  'failed build shell': ({ build }) => ({ reads: [history], changes: [['kept', build]] }),
  'artifact deletion': ({ format, distribution }) => ({
    reads: [keyring],
    changes: [registry(format, distribution)],
  }),
  'registry reindexing': ({ format }) => ({ reads: [keyring], changes: [registry(format)] }),
  'image creation': ({ format }) => ({ reads: [], changes: [image(format)] }),
  'image update': ({ format }) => ({ reads: [], changes: [image(format)] }),
  // What it did there is kept.
  'image shell': ({ format }) => ({ reads: [], changes: [image(format)] }),
  'image build environment creation': changesEnvironment,
  'image build environment update': changesEnvironment,
  // It is a copy that is thrown away.
  'image build environment shell': ({ format, environment, architecture }) => ({
    reads: [image(format, environment, architecture)],
    changes: [],
  }),
  'keyring creation': () => ({ reads: [], changes: [keyring] }),
  // All registries are signed again.
  'keyring renewal': () => ({ reads: [], changes: [keyring, ['registry']] }),
  'history purge': () => ({ reads: [], changes: [history] }),
};

/** An environment is made by means of its format's image, which only a change of the image as a whole touches. */
function changesEnvironment({
  format,
  environment,
  architecture,
}: {
  format: string;
  environment: string;
  architecture: string;
}): Claims {
  return { reads: [], changes: [image(format, environment, architecture)] };
}

/** Without an environment of its own a build takes place in the format's image. */
function environmentsOf(
  { format, distribution, architectures }: ParametersOf<'artifact build'>,
  instance: Instance,
): Resource[] {
  const pipeline = instance.pipelines.find((one) => one.distribution === distribution);
  // A retry may name what the instance no longer has; its task says so when it runs.
  const environment = pipeline?.environment;
  if (environment === undefined) return [image(format)];
  return architectures.map((architecture) => image(format, environment, architecture));
}

export function claimsOf(parameters: TaskParameters, instance: Instance): Claims {
  const claims = CLAIMS[parameters.name] as
    ((of: TaskParameters, instance: Instance) => Claims) | undefined;
  // A row of a later release: its task says so when it runs, and holds up no other.
  return claims?.(parameters, instance) ?? { reads: [], changes: [] };
}
