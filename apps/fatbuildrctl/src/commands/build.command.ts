import { Inject } from '@nestjs/common';
import { Command, Option } from 'nest-commander';
import { ConnectionService } from '../connection/connection.service';
import { BuildSubmitter } from '../submission/build-submitter.service';
import { badKeeping, lockInBatch, needsTerminal } from '../submission/submission.errors';
import { TaskSubmitter } from '../tasks/task-submitter.service';
import { Terminal } from '../terminal/terminal';
import { CtlCommand } from './ctl-command';

interface BuildOptions {
  artifact: string;
  distribution?: string;
  format?: string;
  derivative?: string;
  basedir?: string;
  subdir?: string;
  sources?: string[];
  includeGitUntracked?: boolean;
  name?: string;
  email?: string;
  msg?: string;
  batch?: boolean;
  interactive?: boolean;
  keepFailed?: string;
  updateLock?: boolean;
}

@Command({ name: 'build', description: 'build an artifact and publish it' })
export class BuildCommand extends CtlCommand {
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

  @Option({ flags: '-a, --artifact <name>', description: 'name of the artifact', required: true })
  parseArtifact(value: string): string {
    return value;
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

  @Option({ flags: '--derivative <name>', description: 'derivative (default: main)' })
  parseDerivative(value: string): string {
    return value;
  }

  @Option({
    flags: '-b, --basedir <dir>',
    description: 'folder of artifact definitions (default: preferences, current folder)',
  })
  parseBasedir(value: string): string {
    return value;
  }

  @Option({
    flags: '-s, --subdir <dir>',
    description: 'the definition, below basedir (default: name of the artifact)',
  })
  parseSubdir(value: string): string {
    return value;
  }

  @Option({
    flags: '--sources <source...>',
    description: 'build from a local folder, [SOURCE#][VERSION@]DIR; may be repeated',
  })
  parseSources(value: string, earlier: string[] = []): string[] {
    return [...earlier, value];
  }

  @Option({
    flags: '--include-git-untracked',
    description: 'take along files of local folders that Git does not track',
  })
  parseIncludeGitUntracked(): boolean {
    return true;
  }

  @Option({
    flags: '-n, --name <name>',
    description: 'your name, for the changelog (default: preferences, Git)',
  })
  parseName(value: string): string {
    return value;
  }

  @Option({
    flags: '-e, --email <email>',
    description: 'your email address, for the changelog (default: preferences, Git)',
  })
  parseEmail(value: string): string {
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
