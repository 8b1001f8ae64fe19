import type { Instance } from '@fatbuildr/instances';
import type { RegistryPlace } from '@fatbuildr/protocol';
import { API_PATH } from './api-controller.decorator';

/** The path of an instance, or of what is below it; every part is encoded. */
export function instancePath({ id }: Pick<Instance, 'id'>, ...parts: readonly string[]): string {
  return `/${API_PATH}/instances/${[id, ...parts].map(encodeURIComponent).join('/')}`;
}

/** The path of a registry's listing, or of what is below it. */
export function placePath(
  instance: Pick<Instance, 'id'>,
  { format, distribution, derivative }: RegistryPlace,
  ...parts: readonly string[]
): string {
  return instancePath(instance, 'registries', format, distribution, derivative, ...parts);
}
