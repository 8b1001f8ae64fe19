import { Inject } from '@nestjs/common';
import { Command, Option, SubCommand } from 'nest-commander';
import type { FatbuildrClient } from '@fatbuildr/protocol';
import { ConnectionService } from '../connection/connection.service';
import {
  environmentTargets,
  imageFormats,
  type EnvironmentTarget,
  type ImageFilters,
} from '../submission/image-targets';
import { chosenShell } from '../submission/chosen-shell';
import { TaskSubmitter, type TaskRequest } from '../tasks/task-submitter.service';
import { Terminal } from '../terminal/terminal';
import { CommandGroup, CtlCommand } from './ctl-command';

interface ImageOptions extends ImageFilters {
  batch?: boolean;
  force?: boolean;
}

/** What the commands of `images` have in common: filters, and one task for each match. */
abstract class ImageTasksCommand extends CtlCommand {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(TaskSubmitter) private readonly tasks: TaskSubmitter,
    @Inject(Terminal) protected readonly terminal: Terminal,
  ) {
    super();
  }

  protected abstract requests(
    client: FatbuildrClient,
    options: ImageOptions,
    command: string[],
  ): Promise<TaskRequest[]>;

  override async run(command: string[], options: ImageOptions): Promise<void> {
    const requests = await this.requests(await this.connection.client(), options, command);
    if (requests.length === 0) this.terminal.say('The instance has nothing of this kind.');
    await this.tasks.each(requests, options.batch === true);
  }

  @Option({ flags: '-f, --format <format>', description: 'only this format' })
  parseFormat(value: string): string {
    return value;
  }

  @Option({ flags: '-d, --distribution <name>', description: 'only what this distribution uses' })
  parseDistribution(value: string): string {
    return value;
  }

  @Option({ flags: '--batch', description: 'do not follow the tasks' })
  parseBatch(): boolean {
    return true;
  }
}

/** The commands on build environments also choose by architecture. */
abstract class EnvironmentTasksCommand extends ImageTasksCommand {
  protected override async requests(
    client: FatbuildrClient,
    options: ImageOptions,
    command: string[],
  ): Promise<TaskRequest[]> {
    const targets = await environmentTargets(options, client);
    const request = this.requestFor(client, targets, options, command);
    return targets.map(request);
  }

  /** How to ask for the task on each of the environments. */
  protected abstract requestFor(
    client: FatbuildrClient,
    targets: readonly EnvironmentTarget[],
    options: ImageOptions,
    command: string[],
  ): (target: EnvironmentTarget) => TaskRequest;

  @Option({ flags: '-a, --architecture <name>', description: 'only this architecture' })
  parseArchitecture(value: string): string {
    return value;
  }
}

const environmentTitle = ({ format, environment, architecture }: EnvironmentTarget) =>
  `${environment}-${architecture} (${format})`;

@SubCommand({ name: 'create', description: 'create the images of the formats' })
export class ImagesCreateCommand extends ImageTasksCommand {
  protected override async requests(
    client: FatbuildrClient,
    options: ImageOptions,
  ): Promise<TaskRequest[]> {
    const formats = await imageFormats(options, client);
    return formats.map((format) => ({
      title: `image creation, ${format}`,
      submit: () => client.imageCreate(format, options.force === true),
    }));
  }

  @Option({ flags: '--force', description: 'also where the image exists' })
  parseForce(): boolean {
    return true;
  }
}

@SubCommand({ name: 'update', description: 'bring the images of the formats up to date' })
export class ImagesUpdateCommand extends ImageTasksCommand {
  protected override async requests(
    client: FatbuildrClient,
    options: ImageOptions,
  ): Promise<TaskRequest[]> {
    const formats = await imageFormats(options, client);
    return formats.map((format) => ({
      title: `image update, ${format}`,
      submit: () => client.imageUpdate(format),
    }));
  }
}

@SubCommand({ name: 'env-create', description: 'create build environments' })
export class ImagesEnvironmentCreateCommand extends EnvironmentTasksCommand {
  protected override requestFor(client: FatbuildrClient) {
    return (target: EnvironmentTarget): TaskRequest => ({
      title: `build environment creation, ${environmentTitle(target)}`,
      submit: () =>
        client.environmentCreate(target.format, target.environment, target.architecture),
    });
  }
}

@SubCommand({ name: 'env-update', description: 'bring build environments up to date' })
export class ImagesEnvironmentUpdateCommand extends EnvironmentTasksCommand {
  protected override requestFor(client: FatbuildrClient) {
    return (target: EnvironmentTarget): TaskRequest => ({
      title: `build environment update, ${environmentTitle(target)}`,
      submit: () =>
        client.environmentUpdate(target.format, target.environment, target.architecture),
    });
  }
}

const COMMAND = {
  arguments: '[command...]',
  argsDescription: { command: 'program and arguments, behind "--" (default: a shell)' },
};

@SubCommand({
  name: 'shell',
  ...COMMAND,
  description: 'a shell in the image of a format, which keeps what is done there',
})
export class ImagesShellCommand extends ImageTasksCommand {
  protected override async requests(
    client: FatbuildrClient,
    options: ImageOptions,
    command: string[],
  ): Promise<TaskRequest[]> {
    const formats = await imageFormats(options, client);
    const { shell, piped } = chosenShell(command, formats, options.batch === true, this.terminal);
    return formats.map((format) => ({
      title: `image shell, ${format}`,
      submit: () => client.imageShell(format, shell),
      piped,
    }));
  }
}

@SubCommand({
  name: 'env-shell',
  ...COMMAND,
  description: 'a shell in a copy of a build environment, which is thrown away',
})
export class ImagesEnvironmentShellCommand extends EnvironmentTasksCommand {
  protected override requestFor(
    client: FatbuildrClient,
    targets: readonly EnvironmentTarget[],
    options: ImageOptions,
    command: string[],
  ) {
    const titles = targets.map(environmentTitle);
    const { shell, piped } = chosenShell(command, titles, options.batch === true, this.terminal);
    return (target: EnvironmentTarget): TaskRequest => ({
      title: `build environment shell, ${environmentTitle(target)}`,
      submit: () =>
        client.environmentShell(target.format, target.environment, target.architecture, shell),
      piped,
    });
  }
}

@Command({
  name: 'images',
  description: 'create, update and enter format images and build environments',
  subCommands: [
    ImagesCreateCommand,
    ImagesUpdateCommand,
    ImagesShellCommand,
    ImagesEnvironmentCreateCommand,
    ImagesEnvironmentUpdateCommand,
    ImagesEnvironmentShellCommand,
  ],
})
export class ImagesCommand extends CommandGroup {}
