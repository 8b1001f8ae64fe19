import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import type { Instance } from '@fatbuildr/instances';
import type { RegistryPlace } from '@fatbuildr/protocol';
import { API_PATH } from './api-controller.decorator';

/** Paths of the API, as clients know them; every part is encoded. */
@Injectable()
export class ApiLinks {
  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  /** An instance, or what is below it. */
  instance({ id }: Pick<Instance, 'id'>, ...parts: readonly string[]): string {
    const path = [id, ...parts].map(encodeURIComponent).join('/');
    return `${this.configuration.web.prefix}/${API_PATH}/instances/${path}`;
  }

  /** A registry's listing, or what is below it. */
  place(
    instance: Pick<Instance, 'id'>,
    { format, distribution, derivative }: RegistryPlace,
    ...parts: readonly string[]
  ): string {
    return this.instance(instance, 'registries', format, distribution, derivative, ...parts);
  }
}
