import { Controller, Delete, Get, Header, Param, Query } from '@nestjs/common';
import type { Instance } from '@fatbuildr/instances';
import type { RegistryPlace } from '@fatbuildr/protocol';
import { RegistriesService } from '@fatbuildr/registries';
import { TasksService } from '@fatbuildr/tasks';
import { userOf, type Caller } from '../auth/caller';
import { CurrentCaller, CurrentInstance } from '../auth/current.decorators';
import { Requires } from '../auth/requires.decorator';
import { missingParameter } from '../http/request.errors';
import { ListingCache, type ListingForm } from '../registry/listing-cache';
import { artifactPage, byPlace, type ArtifactPage, type FoundArtifacts } from './registry-answers';

const PLAIN: ListingForm = { name: 'plain', item: (_instance, _place, artifact) => artifact };

type ArtifactPath = RegistryPlace & { architecture: string; artifact: string };

/** What the registries of an instance hold. */
@Controller()
export class RegistryController {
  constructor(
    private readonly registries: RegistriesService,
    private readonly listings: ListingCache,
    private readonly tasks: TasksService,
  ) {}

  @Get('registry.json')
  @Requires('view-registry')
  formats(@CurrentInstance() instance: Instance): string[] {
    return this.registries.formats(instance);
  }

  @Get('registry/:format.json')
  @Requires('view-registry')
  distributions(
    @CurrentInstance() instance: Instance,
    @Param('format') format: string,
  ): Promise<string[]> {
    return this.registries.distributions(instance, format);
  }

  @Get('registry/:format/:distribution.json')
  @Requires('view-registry')
  derivatives(
    @CurrentInstance() instance: Instance,
    @Param('format') format: string,
    @Param('distribution') distribution: string,
  ): Promise<string[]> {
    return this.registries.derivatives(instance, format, distribution);
  }

  @Get('registry/:format/:distribution/:derivative.json')
  @Header('content-type', 'application/json; charset=utf-8')
  @Requires('view-registry')
  async artifacts(
    @CurrentInstance() instance: Instance,
    @Param() { format, distribution, derivative }: RegistryPlace,
  ): Promise<Buffer> {
    const place = { format, distribution, derivative };
    return (await this.listings.listing(instance, place, PLAIN)).body;
  }

  @Get('registry/:format/:distribution/:derivative/:architecture/:artifact.json')
  @Requires('view-registry')
  artifact(
    @CurrentInstance() instance: Instance,
    @Param() { architecture, artifact, ...place }: ArtifactPath,
  ): Promise<ArtifactPage> {
    return artifactPage(this.registries, instance, place, architecture, artifact);
  }

  @Delete('registry/:format/:distribution/:derivative/:architecture/:artifact.json')
  @Requires('edit-registry')
  async remove(
    @CurrentInstance() instance: Instance,
    @CurrentCaller() caller: Caller,
    @Param() { format, distribution, derivative, architecture, artifact: name }: ArtifactPath,
    @Query('version') version: string | undefined,
  ): Promise<{ task: string }> {
    if (typeof version !== 'string' || version === '') throw missingParameter('version');
    const place = { format, distribution, derivative };
    const artifact = { name, architecture, version, size: -1 };
    // What does not exist is refused now, not by a task that fails.
    await this.registries.deletion(instance, place, artifact);
    const parameters = { name: 'artifact deletion', ...place, artifact } as const;
    return { task: await this.tasks.submit(instance.id, userOf(caller), parameters) };
  }

  @Get('search.json')
  @Requires('view-registry')
  async search(
    @CurrentInstance() instance: Instance,
    @Query('artifact') text: string | undefined,
  ): Promise<FoundArtifacts> {
    if (typeof text !== 'string' || text === '') throw missingParameter('artifact');
    return byPlace(await this.registries.search(instance, text));
  }
}
