import { Inject } from '@nestjs/common';
import { Command, Option } from 'nest-commander';
import { ConnectionService } from '../connection/connection.service';
import { BuildSubmitter } from '../submission/build-submitter.service';
import { badKeeping, lockInBatch, needsTerminal } from '../submission/submission.errors';
import { TaskSubmitter } from '../tasks/task-submitter.service';
import { Terminal } from '../terminal/terminal';
import { DefinitionCommand, type DefinitionOptions } from './definition.command';

interface BuildOptions extends DefinitionOptions {
  distribution?: string;
  format?: string;
  msg?: string;
  batch?: boolean;
  interactive?: boolean;
  keepFailed?: string;
  updateLock?: boolean;
}

@Command({ name: 'build', description: 'build an artifact and publish it' })
export class BuildCommand extends DefinitionCommand {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(BuildSubmitter) private readonly builds: BuildSubmitter,
    @Inject(TaskSubmitter) private readonly tasks: TaskSubmitter,
    @Inject(Terminal) private readonly terminal: Terminal,
  ) {
    super();
  }

  override async run(_: string[], options: BuildOptions): Promise<void> {
    const { interactive = false, batch = false, updateLock = false } = options;
    if (updateLock && batch) throw lockInBatch();
    if (interactive && !batch && !this.terminal.attended) throw needsTerminal();
    const client = await this.connection.client();
    const build = await this.builds.prepare(client, {
      artifact: options.artifact,
      distribution: options.distribution,
      format: options.format,
      derivative: options.derivative ?? 'main',
      basedir: options.basedir,
      subdir: options.subdir,
      sources: options.sources ?? [],
      includeUntracked: options.includeGitUntracked === true,
      author: { name: options.name, email: options.email },
      message: options.msg,
      interactive,
      keepFailed: options.keepFailed,
      updateLock,
    });
    await this.tasks.one(build, batch);
  }

  @Option({
    flags: '-d, --distribution <name>',
    description: 'distribution (default: the only one of the format)',
  })
  parseDistribution(value: string): string {
    return value;
  }

  @Option({
    flags: '-f, --format <format>',
    description: "format (default: that of the distribution, or the artifact's only one)",
  })
  parseFormat(value: string): string {
    return value;
  }

  @Option({
    flags: '-m, --msg <message>',
    description: 'message for the changelog (default: preferences, your editor)',
  })
  parseMsg(value: string): string {
    return value;
  }

  @Option({
    flags: '-i, --interactive',
    description: 'where the build fails, open a shell in its container',
  })
  parseInteractive(): boolean {
    return true;
  }

  @Option({
    flags: '--keep-failed <duration>',
    description:
      'when the build fails, keep its container for so long (2h, 1d), see fatbuildrctl shell',
  })
  parseKeepFailed(value: string): string {
    // What the daemon allows is its own to say.
    if (!/^[1-9]\d*[smhdw]$/.test(value)) throw badKeeping(value);
    return value;
  }

  @Option({
    flags: '--update-lock',
    description: 'write the prescript.lock of the definition anew, by what the build fetches',
  })
  parseUpdateLock(): boolean {
    return true;
  }

  @Option({ flags: '--batch', description: 'do not follow the task' })
  parseBatch(): boolean {
    return true;
  }
}
