import { Injectable } from '@nestjs/common';
import type { Instance } from '@fatbuildr/instances';
import type { RegistryPlace } from '@fatbuildr/protocol';
import { RegistriesService } from '@fatbuildr/registries';
import type { FastifyRequest } from 'fastify';
import { Frame } from '../frame/frame';
import { Page } from '../frame/page';
import { counted } from '../frame/wording';
import { ClientSetups } from './client-setups';
import { derivativeView, publicationView, trail } from '../views/registry.view';

/** Changes of a distribution that its page shows. */
const CHANGES = 20;

/** Pages of the registries, from formats down to what a derivative holds. */
@Injectable()
export class RegistryPages {
  constructor(
    private readonly registries: RegistriesService,
    private readonly setups: ClientSetups,
    private readonly frame: Frame,
  ) {}

  async formats(instance: Instance): Promise<Page> {
    const links = this.frame.links(instance);
    const entries = await Promise.all(
      this.registries.formats(instance).map(async (format) => {
        const distributions = await this.registries.distributions(instance, format);
        const note = counted(distributions.length, 'distribution');
        return { title: format, note, href: links.registry(format) };
      }),
    );
    const lead = `What ${instance.name} has published, by format.`;
    return page('Registries', { heading: 'Registries', lead, entries, trail: trail(links) });
  }

  async distributions(instance: Instance, format: string): Promise<Page> {
    const links = this.frame.links(instance);
    const distributions = await this.registries.distributions(instance, format);
    const entries = await Promise.all(
      distributions.map(async (distribution) => {
        const derivatives = await this.registries.derivatives(instance, format, distribution);
        const note = derivatives.join(', ');
        return { title: distribution, note, href: links.registry(format, distribution) };
      }),
    );
    const heading = `${format} registry`;
    const lead = 'Its distributions, each with its derivatives.';
    return page(heading, { heading, lead, entries, trail: trail(links, format) });
  }

  async derivatives(instance: Instance, format: string, distribution: string): Promise<Page> {
    const links = this.frame.links(instance);
    const now = Date.now();
    const derivatives = await this.registries.derivatives(instance, format, distribution);
    const entries = await Promise.all(
      derivatives.map(async (derivative) => {
        const place = { format, distribution, derivative };
        const artifacts = await this.registries.artifacts(instance, place);
        const note = counted(artifacts.length, 'artifact');
        return { title: derivative, note, href: links.registry(format, distribution, derivative) };
      }),
    );
    const publications = await this.registries.publications(instance, { format, distribution });
    const model = {
      heading: distribution,
      lead: 'Its derivatives: what a client can choose from.',
      entries,
      trail: trail(links, format, distribution),
      publications: publications.slice(0, CHANGES).map((one) => publicationView(one, links, now)),
    };
    return page(distribution, model);
  }

  async artifacts(
    instance: Instance,
    { format, distribution, derivative }: RegistryPlace,
    request: FastifyRequest,
  ): Promise<Page> {
    const links = this.frame.links(instance);
    const place = { format, distribution, derivative };
    const artifacts = await this.registries.artifacts(instance, place);
    const heading = `${distribution} / ${derivative}`;
    return new Page('derivative', 'registry', heading, {
      heading,
      trail: trail(links, format, distribution, derivative),
      ...derivativeView(place, artifacts, links),
      ...(await this.setups.of(request, instance, place)),
    });
  }
}

function page(title: string, model: object): Page {
  return new Page('registry', 'registry', title, model);
}
