import type { TaskParameters } from '@fatbuildr/protocol';

/** What tasks are looked for by; columns of their rows, so that the database looks. */
export interface TaskFacets {
  name: string;
  artifact: string | null;
  format: string | null;
  distribution: string | null;
  derivative: string | null;
  /** Tasks of one kind do the same work on the same thing for the same machines: they take as long. */
  kind: string;
}

export function facetsOf(parameters: TaskParameters): TaskFacets {
  const { name } = parameters;
  const artifact = 'artifact' in parameters ? artifactName(parameters.artifact) : null;
  const format = 'format' in parameters ? parameters.format : null;
  const distribution = 'distribution' in parameters ? parameters.distribution : null;
  const derivative = 'derivative' in parameters ? parameters.derivative : null;
  const environment = 'environment' in parameters ? parameters.environment : null;
  const kind = [name, artifact, format, distribution, environment, ...architectures(parameters)];
  return { name, artifact, format, distribution, derivative, kind: JSON.stringify(kind) };
}

const artifactName = (artifact: string | { name: string }) =>
  typeof artifact === 'string' ? artifact : artifact.name;

function architectures(parameters: TaskParameters): string[] {
  if ('architectures' in parameters) return parameters.architectures;
  return 'architecture' in parameters ? [parameters.architecture] : [];
}
