import { Option } from 'nest-commander';
import { CtlCommand } from './ctl-command';

/** Which definition a command is about, with what sources, and who calls it. */
export interface DefinitionOptions {
  artifact: string;
  derivative?: string;
  basedir?: string;
  subdir?: string;
  sources?: string[];
  includeGitUntracked?: boolean;
  name?: string;
  email?: string;
}

/** Base of the commands that read a definition. */
export abstract class DefinitionCommand extends CtlCommand {
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
    description: 'your name, as the author (default: preferences, Git)',
  })
  parseName(value: string): string {
    return value;
  }

  @Option({
    flags: '-e, --email <email>',
    description: 'your email address, as the author (default: preferences, Git)',
  })
  parseEmail(value: string): string {
    return value;
  }
}
