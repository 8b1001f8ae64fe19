import { Body, Get, Param, Post, Query, Req } from '@nestjs/common';
import { FatbuildrError } from '@fatbuildr/errors';
import type { Instance } from '@fatbuildr/instances';
import type { Artifact, RegistryPlace } from '@fatbuildr/protocol';
import { RegistriesService } from '@fatbuildr/registries';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../auth/caller';
import { CurrentCaller, CurrentInstance } from '../../auth/current.decorators';
import { Requires } from '../../auth/requires.decorator';
import { Frame } from '../frame/frame';
import { Page, type SeeOther } from '../frame/page';
import { PageController } from '../frame/page.interceptor';
import { formText, type FormBody } from '../form';
import { PageTasks } from '../page-tasks';
import { ClientSetups } from '../registry/client-setups';
import { artifactRow, artifactView, SOURCE, trail } from '../views/registry.view';

type ArtifactPath = RegistryPlace & { architecture: string; artifact: string };

const PATH = 'registry/:format/:distribution/:derivative/:architecture/:artifact/';

/** One artifact of a registry. */
@PageController()
@Requires('view-registry')
export class ArtifactPageController {
  constructor(
    private readonly registries: RegistriesService,
    private readonly setups: ClientSetups,
    private readonly tasks: PageTasks,
    private readonly frame: Frame,
  ) {}

  @Get(PATH)
  async artifact(
    @CurrentInstance() instance: Instance,
    @Param() path: ArtifactPath,
    @Req() request: FastifyRequest,
  ): Promise<Page> {
    const { architecture, artifact: name } = path;
    const place = placeOf(path);
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
      trail: trail(links, ...Object.values(place), name),
      ...artifactView(place, facts, links, Date.now()),
      ...(await this.setups.of(request, instance, place, installed)),
    });
  }

  @Get(`${PATH}delete`)
  @Requires('edit-registry')
  async confirm(
    @CurrentInstance() instance: Instance,
    @Param() path: ArtifactPath,
    @Query('version') version: unknown,
  ): Promise<Page> {
    const place = placeOf(path);
    const links = this.frame.links(instance);
    const artifact = artifactOf(path, typeof version === 'string' ? version : '');
    const doomed = await this.registries.deletion(instance, place, artifact);
    return new Page('delete', 'registry', `Delete ${artifact.name}`, {
      artifact,
      trail: trail(links, ...Object.values(place), artifact.name),
      doomed: doomed.map((one) => artifactRow(place, one, links)),
      back: links.artifact(place, artifact.architecture, artifact.name),
    });
  }

  @Post(`${PATH}delete`)
  @Requires('edit-registry')
  async remove(
    @CurrentInstance() instance: Instance,
    @CurrentCaller() caller: Caller,
    @Param() path: ArtifactPath,
    @Body() body: FormBody,
  ): Promise<SeeOther> {
    const place = placeOf(path);
    const artifact = artifactOf(path, formText(body, 'version'));
    await this.registries.deletion(instance, place, artifact);
    return this.tasks.submit(instance, caller, { name: 'artifact deletion', ...place, artifact });
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

function placeOf({ format, distribution, derivative }: ArtifactPath): RegistryPlace {
  return { format, distribution, derivative };
}

function artifactOf({ artifact: name, architecture }: ArtifactPath, version: string): Artifact {
  return { name, architecture, version, size: -1 };
}
