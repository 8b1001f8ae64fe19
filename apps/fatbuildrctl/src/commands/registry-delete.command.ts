import { Inject } from '@nestjs/common';
import { Option, SubCommand } from 'nest-commander';
import { usageError } from '../command-line/usage.errors';
import { ConnectionService } from '../connection/connection.service';
import { chooseDeletions, type Deletion } from '../registry/registry-selection';
import { artifactsTable } from '../registry/registry-text';
import { TaskSubmitter } from '../tasks/task-submitter.service';
import { Printer } from '../terminal/printer';
import { Terminal } from '../terminal/terminal';
import { RegistryPlaceCommand, type PlaceOptions } from './registry-place.command';

interface DeleteOptions extends PlaceOptions {
  artifact: string;
  yes?: boolean;
  batch?: boolean;
}

@SubCommand({
  name: 'delete',
  description: 'delete artifacts; with a source go the binaries built from it',
})
export class RegistryDeleteCommand extends RegistryPlaceCommand {
  constructor(
    @Inject(ConnectionService) connection: ConnectionService,
    @Inject(Printer) printer: Printer,
    @Inject(Terminal) private readonly terminal: Terminal,
    @Inject(TaskSubmitter) private readonly tasks: TaskSubmitter,
  ) {
    super(connection, printer);
  }

  override async run(_: string[], options: DeleteOptions): Promise<void> {
    const client = await this.connection.client();
    const place = await this.place(client, options);
    const deletions = await chooseDeletions(client, place, options.artifact);
    const removed = deletions.flatMap(({ artifact, along }) => [artifact, ...along]);
    const { messages } = this.terminal;
    this.terminal.say('To be deleted:');
    this.terminal.say(artifactsTable(removed, this.terminal.colors(messages)));
    if (!options.yes && !(await this.agreed(deletions))) {
      this.terminal.say('Nothing is deleted.');
      return;
    }
    const requests = deletions.map(({ artifact }) => ({
      title: `deletion of ${artifact.name} ${artifact.version} ${artifact.architecture}`,
      submit: () => client.artifactDelete(place, artifact),
    }));
    await this.tasks.each(requests, options.batch === true);
  }

  /** A person is asked; a script must have named one artifact, or say --yes. */
  private async agreed(deletions: readonly Deletion[]): Promise<boolean> {
    if (this.terminal.interactive) return this.terminal.confirm('Delete these?');
    const names = [...new Set(deletions.map(({ artifact }) => artifact.name))];
    if (names.length === 1) return true;
    throw usageError(`several artifacts match: ${names.join(', ')}; name one, or add --yes`, {
      names,
    });
  }

  @Option({
    flags: '-a, --artifact <text>',
    description: 'name of the artifact, or a part of it',
    required: true,
  })
  parseArtifact(value: string): string {
    return value;
  }

  @Option({ flags: '-y, --yes', description: 'do not ask' })
  parseYes(): boolean {
    return true;
  }

  @Option({ flags: '--batch', description: 'do not follow the tasks' })
  parseBatch(): boolean {
    return true;
  }
}
