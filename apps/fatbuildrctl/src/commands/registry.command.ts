import { Inject } from '@nestjs/common';
import { Command, Option, SubCommand } from 'nest-commander';
import { ConnectionService } from '../connection/connection.service';
import { containing } from '../registry/registry-selection';
import { artifactsTable, foundTable } from '../registry/registry-text';
import { TaskSubmitter } from '../tasks/task-submitter.service';
import { Printer } from '../terminal/printer';
import { CommandGroup, CtlCommand } from './ctl-command';
import { RegistryChangelogCommand, RegistryContentCommand } from './registry-artifact.command';
import { RegistryDeleteCommand } from './registry-delete.command';
import { RegistryPlaceCommand, type PlaceOptions } from './registry-place.command';

@SubCommand({
  name: 'list',
  description: 'list the artifacts of a distribution (default)',
  options: { isDefault: true },
})
export class RegistryListCommand extends RegistryPlaceCommand {
  override async run(_: string[], options: PlaceOptions & { artifact?: string }): Promise<void> {
    const client = await this.connection.client();
    const artifacts = await client.artifacts(await this.place(client, options));
    await this.printer.print(containing(artifacts, options.artifact), artifactsTable);
  }

  @Option({ flags: '-a, --artifact <text>', description: 'only names that contain this' })
  parseArtifact(value: string): string {
    return value;
  }
}

@SubCommand({
  name: 'search',
  arguments: '<text>',
  argsDescription: { text: 'part of the name' },
  description: 'find artifacts in all registries of the instance',
})
export class RegistrySearchCommand extends CtlCommand {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(Printer) private readonly printer: Printer,
  ) {
    super();
  }

  override async run([text = '']: string[]): Promise<void> {
    const client = await this.connection.client();
    await this.printer.print(await client.search(text), foundTable);
  }
}

@SubCommand({
  name: 'reindex',
  description: 'rebuild the index of the registries from their files',
})
export class RegistryReindexCommand extends CtlCommand {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(TaskSubmitter) private readonly tasks: TaskSubmitter,
  ) {
    super();
  }

  override async run(_: string[], options: { format?: string; batch?: boolean }): Promise<void> {
    const client = await this.connection.client();
    const formats =
      options.format === undefined ? await client.registryFormats() : [options.format];
    const requests = formats.map((format) => ({
      title: `registry reindexing, ${format}`,
      submit: () => client.registryReindex(format),
    }));
    await this.tasks.each(requests, options.batch === true);
  }

  @Option({ flags: '-f, --format <format>', description: 'only this format' })
  parseFormat(value: string): string {
    return value;
  }

  @Option({ flags: '--batch', description: 'do not follow the tasks' })
  parseBatch(): boolean {
    return true;
  }
}

@Command({
  name: 'registry',
  description: 'show and change what is published',
  subCommands: [
    RegistryListCommand,
    RegistrySearchCommand,
    RegistryChangelogCommand,
    RegistryContentCommand,
    RegistryDeleteCommand,
    RegistryReindexCommand,
  ],
})
export class RegistryCommand extends CommandGroup {}
