import type { TaskDescription } from '@fatbuildr/protocol';
import type { components } from './generated/openapi';

/** Path of a place in a registry. */
export const PLACE = '/api/v1/instances/{instance}/registries/{format}/{distribution}/{derivative}';
/** Path of a task. */
export const TASK = '/api/v1/instances/{instance}/tasks/{id}';
/** Path of the keyring. */
export const KEYRING = '/api/v1/instances/{instance}/keyring';
/** Path of the tokens. */
export const TOKENS = '/api/v1/instances/{instance}/tokens';
/** Path of the image of a format. */
export const IMAGE = '/api/v1/instances/{instance}/images/{format}';
/** Path of a build environment. */
export const ENVIRONMENT = `${IMAGE}/environments/{environment}/{architecture}` as const;

/** A structure of the API as the other transports have it. */
export function unlinked<T extends { links?: unknown }>({
  links: _,
  ...rest
}: T): Omit<T, 'links'> {
  return rest;
}

/** The fields of a task follow from its name, which the document does not tell. */
export function taskOf(task: components['schemas']['TaskDto']): TaskDescription {
  return unlinked(task) as unknown as TaskDescription;
}
