import { Option, SubCommand } from 'nest-commander';
import type { Artifact, FatbuildrClient, RegistryPlace } from '@fatbuildr/protocol';
import { chooseOne } from '../registry/registry-selection';
import { changelogText, contentText } from '../registry/registry-text';
import { RegistryPlaceCommand, type PlaceOptions } from './registry-place.command';

interface ArtifactOptions extends PlaceOptions {
  artifact: string;
  architecture?: string;
}

/** Base of the questions about one artifact. */
abstract class RegistryArtifactCommand extends RegistryPlaceCommand {
  protected async artifact(
    client: FatbuildrClient,
    place: RegistryPlace,
    { artifact, architecture }: ArtifactOptions,
    prefers: 'source' | 'binary',
  ): Promise<Artifact> {
    return chooseOne(await client.artifacts(place), place, artifact, architecture, prefers);
  }

  @Option({ flags: '-a, --artifact <name>', description: 'name of the artifact', required: true })
  parseArtifact(value: string): string {
    return value;
  }

  @Option({
    flags: '--architecture <name>',
    description: 'its architecture, src for the source package',
  })
  parseArchitecture(value: string): string {
    return value;
  }
}

@SubCommand({ name: 'changelog', description: 'show the changelog of an artifact' })
export class RegistryChangelogCommand extends RegistryArtifactCommand {
  override async run(_: string[], options: ArtifactOptions): Promise<void> {
    const client = await this.connection.client();
    const place = await this.place(client, options);
    const { name, architecture } = await this.artifact(client, place, options, 'source');
    await this.printer.print(await client.changelog(place, architecture, name), changelogText);
  }
}

@SubCommand({ name: 'content', description: 'list the files of an artifact' })
export class RegistryContentCommand extends RegistryArtifactCommand {
  override async run(_: string[], options: ArtifactOptions): Promise<void> {
    const client = await this.connection.client();
    const place = await this.place(client, options);
    const { name, architecture } = await this.artifact(client, place, options, 'binary');
    await this.printer.print(await client.artifactContent(place, architecture, name), contentText);
  }
}
