import { Body, Get, Param, Post, Query } from '@nestjs/common';
import type { Instance } from '@fatbuildr/instances';
import type { Artifact, RegistryPlace } from '@fatbuildr/protocol';
import { RegistriesService } from '@fatbuildr/registries';
import type { Caller } from '../../auth/caller';
import { CurrentCaller, CurrentInstance } from '../../auth/current.decorators';
import { Requires } from '../../auth/requires.decorator';
import { formText, type FormBody } from '../form';
import { Frame } from '../frame/frame';
import { Page, type SeeOther } from '../frame/page';
import { PageController } from '../frame/page.interceptor';
import { PageTasks } from '../page-tasks';
import { artifactRow, trail } from '../views/registry.view';

type ArtifactPath = RegistryPlace & { architecture: string; artifact: string };

/** The deletion of an artifact: first what would go, then the task that does it. */
@PageController('registry/:format/:distribution/:derivative/:architecture/:artifact/delete')
@Requires('edit-registry')
export class DeletionController {
  constructor(
    private readonly registries: RegistriesService,
    private readonly tasks: PageTasks,
    private readonly frame: Frame,
  ) {}

  @Get()
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
      trail: trail(links, place.format, place.distribution, place.derivative, artifact.name),
      doomed: doomed.map((one) => artifactRow(place, one, links)),
      back: links.artifact(place, artifact.architecture, artifact.name),
    });
  }

  @Post()
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
}

function placeOf({ format, distribution, derivative }: ArtifactPath): RegistryPlace {
  return { format, distribution, derivative };
}

function artifactOf({ artifact: name, architecture }: ArtifactPath, version: string): Artifact {
  return { name, architecture, version, size: -1 };
}
