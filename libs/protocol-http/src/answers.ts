import type { TaskDescription } from '@fatbuildr/protocol';
import type { components } from './generated/openapi';

/** Paths that several requests start with. */
export const PLACE = '/api/v1/instances/{instance}/registries/{format}/{distribution}/{derivative}';
export const ENVIRONMENT =
  '/api/v1/instances/{instance}/images/{format}/environments/{environment}/{architecture}';

/** Links are the API's own. */
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
