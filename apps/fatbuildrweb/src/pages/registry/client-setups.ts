import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { FatbuildrError } from '@fatbuildr/errors';
import type { Instance } from '@fatbuildr/instances';
import { KeyringService } from '@fatbuildr/keyring';
import type { RegistryPlace } from '@fatbuildr/protocol';
import { RegistriesService, type ClientSetup } from '@fatbuildr/registries';
import type { FastifyRequest } from 'fastify';
import { Frame } from '../frame/frame';

/** What the part "how to install from here" of a page shows. */
export interface SetupView {
  setup: ClientSetup | undefined;
  fingerprint: string | undefined;
  missingKey: boolean;
}

/** Tells readers of the registries how to install from them. */
@Injectable()
export class ClientSetups {
  constructor(
    private readonly registries: RegistriesService,
    private readonly keyring: KeyringService,
    private readonly frame: Frame,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** @param name of a package; `undefined`: of any */
  async of(
    request: FastifyRequest,
    instance: Instance,
    place: RegistryPlace,
    name?: string,
  ): Promise<SetupView> {
    const key = await this.keyring.export(instance).catch(absent);
    const description = await this.keyring.describe(instance).catch(absent);
    const setup =
      key === undefined
        ? undefined
        : await this.registries.clientSetup({
            ...{ ...place, instance, key, package: name },
            uri: `${this.folder(request, instance)}/${encodeURIComponent(place.format)}`,
          });
    return { setup, fingerprint: description?.fingerprint, missingKey: key === undefined };
  }

  /** Address of an instance's registries: as configured, else as this server is addressed. */
  private folder({ protocol, host }: FastifyRequest, instance: Instance): string {
    const { url } = this.configuration.registry;
    return url === undefined
      ? `${protocol}://${host}${this.frame.links(instance).base}`
      : `${url.replace(/\/+$/, '')}/${encodeURIComponent(instance.id)}`;
  }
}

function absent(fault: unknown): undefined {
  if (fault instanceof FatbuildrError && fault.code === 'KEYRING.MISSING') return undefined;
  throw fault;
}
