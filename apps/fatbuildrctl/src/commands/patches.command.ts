import { Inject } from '@nestjs/common';
import { Command, Option } from 'nest-commander';
import { PatchesService, type PatchesResult } from '../patches/patches.service';
import { Printer } from '../terminal/printer';
import { CtlCommand } from './ctl-command';

interface PatchesOptions {
  artifact: string;
  derivative?: string;
  basedir?: string;
  subdir?: string;
  sources?: string[];
  includeGitUntracked?: boolean;
  name?: string;
  email?: string;
  resume?: string;
}

@Command({ name: 'patches', description: 'work on the patches of an artifact with Git' })
export class PatchesCommand extends CtlCommand {
  constructor(
    @Inject(PatchesService) private readonly patches: PatchesService,
    @Inject(Printer) private readonly printer: Printer,
  ) {
    super();
  }

  override async run(_: string[], options: PatchesOptions): Promise<void> {
    const { artifact, derivative = 'main', basedir, subdir, sources = [], resume } = options;
    const result = await this.patches.edit({
      ...{ artifact, derivative, basedir, subdir, sources, resume },
      includeUntracked: options.includeGitUntracked === true,
      author: { name: options.name, email: options.email },
    });
    await this.printer.print(result, patchesText);
  }

  @Option({ flags: '-a, --artifact <name>', description: 'name of the artifact', required: true })
  parseArtifact(value: string): string {
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
    description: 'take a local folder as source, [SOURCE#][VERSION@]DIR; may be repeated',
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
    description: 'your name, for your commits (default: preferences, Git)',
  })
  parseName(value: string): string {
    return value;
  }

  @Option({
    flags: '-e, --email <email>',
    description: 'your email address, for your commits (default: preferences, Git)',
  })
  parseEmail(value: string): string {
    return value;
  }

  @Option({
    flags: '--resume <dir>',
    description: 'go on with a repository that was left with work in it',
  })
  parseResume(value: string): string {
    return value;
  }
}

function patchesText({ changes, artifact, version }: PatchesResult): string {
  if (changes.length === 0) return `The patches of ${artifact} ${version} stay as they are.`;
  return changes.map(({ path, change }) => `${path} is ${change}`).join('\n');
}
