import { Injectable } from '@nestjs/common';
import { FatbuildrError } from '@fatbuildr/errors';
import type { Instance } from '@fatbuildr/instances';
import type { Artifact, RegistryPlace } from '@fatbuildr/protocol';
import { RegistriesService } from '@fatbuildr/registries';
import type { FastifyRequest } from 'fastify';
import { Frame } from '../frame/frame';
import { Page } from '../frame/page';
import { artifactView, SOURCE, trail } from '../views/registry.view';
import { ClientSetups } from './client-setups';

/** Pages of single artifacts. */
@Injectable()
export class ArtifactPages {
  constructor(
    private readonly registries: RegistriesService,
    private readonly setups: ClientSetups,
    private readonly frame: Frame,
  ) {}

  async artifact(
    instance: Instance,
    place: RegistryPlace,
    architecture: string,
    name: string,
    request: FastifyRequest,
  ): Promise<Page> {
    const links = this.frame.links(instance);
    // Asked first: it knows best what to say of an artifact that does not exist.
    const changelog = await this.registries.changelog(instance, place, architecture, name);
    const all = await this.registries.artifacts(instance, place);
    const facts = {
      changelog,
      versions: all.filter((one) => one.name === name && one.architecture === architecture),
      content: await this.registries.content(instance, place, architecture, name),
      relatives: await this.relatives(instance, place, architecture, name),
    };
    const installed = architecture === SOURCE ? undefined : name;
    return new Page('artifact', 'registry', name, {
      trail: trail(links, place.format, place.distribution, place.derivative, name),
      ...artifactView(place, facts, links, Date.now()),
      ...(await this.setups.of(request, instance, place, installed)),
    });
  }

  /** Of a source its packages, of a package its source; none when what belongs to it was deleted. */
  private async relatives(
    instance: Instance,
    place: RegistryPlace,
    architecture: string,
    name: string,
  ): Promise<Artifact[]> {
    try {
      return architecture === SOURCE
        ? await this.registries.artifactBinaries(instance, place, name)
        : [await this.registries.artifactSource(instance, place, name)];
    } catch (fault) {
      if (fault instanceof FatbuildrError && fault.code === 'REGISTRY.UNKNOWN_ARTIFACT') return [];
      throw fault;
    }
  }
}
