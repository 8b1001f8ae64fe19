import { Get, Param, Query, Req } from '@nestjs/common';
import type { Instance } from '@fatbuildr/instances';
import type { RegistryPlace } from '@fatbuildr/protocol';
import { RegistriesService } from '@fatbuildr/registries';
import type { FastifyRequest } from 'fastify';
import { CurrentInstance } from '../../auth/current.decorators';
import { Requires } from '../../auth/requires.decorator';
import { Frame } from '../frame/frame';
import { Page } from '../frame/page';
import { PageController } from '../frame/page.interceptor';
import { counted } from '../frame/wording';
import { ClientSetups } from '../registry/client-setups';
import { derivativeView, publicationView, searchView, trail } from '../views/registry.view';

/** Changes of a distribution that its page shows. */
const CHANGES = 20;

/** Browsing the registries, from formats down to what a derivative holds; and searching them. */
@PageController()
@Requires('view-registry')
export class RegistryPageController {
  constructor(
    private readonly registries: RegistriesService,
    private readonly setups: ClientSetups,
    private readonly frame: Frame,
  ) {}

  @Get('registry/')
  async formats(@CurrentInstance() instance: Instance): Promise<Page> {
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

  @Get('registry/:format/')
  async distributions(
    @CurrentInstance() instance: Instance,
    @Param('format') format: string,
  ): Promise<Page> {
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

  @Get('registry/:format/:distribution/')
  async derivatives(
    @CurrentInstance() instance: Instance,
    @Param('format') format: string,
    @Param('distribution') distribution: string,
  ): Promise<Page> {
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

  @Get('registry/:format/:distribution/:derivative/')
  async artifacts(
    @CurrentInstance() instance: Instance,
    @Param() { format, distribution, derivative }: RegistryPlace,
    @Req() request: FastifyRequest,
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

  @Get('search')
  async search(
    @CurrentInstance() instance: Instance,
    @Query('artifact') text: unknown,
  ): Promise<Page> {
    const searched = typeof text === 'string' ? text.trim() : '';
    const found = searched === '' ? [] : await this.registries.search(instance, searched);
    const places = searchView(found, this.frame.links(instance));
    return new Page('search', 'registry', 'Search', { searched, places, count: found.length });
  }
}

function page(title: string, model: object): Page {
  return new Page('registry', 'registry', title, model);
}
