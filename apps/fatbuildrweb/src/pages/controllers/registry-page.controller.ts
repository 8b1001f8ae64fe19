import { Get, Param, Query, Req } from '@nestjs/common';
import { FatbuildrError } from '@fatbuildr/errors';
import type { Instance } from '@fatbuildr/instances';
import { RegistriesService } from '@fatbuildr/registries';
import type { FastifyRequest } from 'fastify';
import { CurrentInstance } from '../../auth/current.decorators';
import { Requires } from '../../auth/requires.decorator';
import { Frame } from '../frame/frame';
import { Page, SeeOther } from '../frame/page';
import { PageController } from '../frame/page.interceptor';
import { ArtifactPages } from '../registry/artifact-pages';
import { RegistryPages } from '../registry/registry-pages';
import { searchView } from '../views/registry.view';

/** Browsing the registries, and searching them. */
@PageController()
@Requires('view-registry')
export class RegistryPageController {
  constructor(
    private readonly registries: RegistriesService,
    private readonly pages: RegistryPages,
    private readonly artifacts: ArtifactPages,
    private readonly frame: Frame,
  ) {}

  /** Nest takes the slash off a route's end, which these addresses have: their parts are looked at here. */
  @Get(['registry', 'registry/*'])
  browse(
    @CurrentInstance() instance: Instance,
    @Param('*') path: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<Page> | SeeOther {
    const [address = '', query] = this.frame.here(request).split('?', 2);
    if (!address.endsWith('/')) return new SeeOther(`${address}/${query ? `?${query}` : ''}`);
    const parts = (path ?? '').split('/').slice(0, -1);
    const [format = '', distribution = '', derivative = '', architecture = '', artifact = ''] =
      parts;
    const place = { format, distribution, derivative };
    switch (parts.length) {
      case 0:
        return this.pages.formats(instance);
      case 1:
        return this.pages.distributions(instance, format);
      case 2:
        return this.pages.derivatives(instance, format, distribution);
      case 3:
        return this.pages.artifacts(instance, place, request);
      case 5:
        return this.artifacts.artifact(instance, place, architecture, artifact, request);
      default:
        throw new FatbuildrError(
          'FILES.UNKNOWN',
          'an address of the registries is registry/FORMAT/DISTRIBUTION/DERIVATIVE/ARCHITECTURE/ARTIFACT/, or a part of it from its start',
        );
    }
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
