import { Inject } from '@nestjs/common';
import { Command, Option } from 'nest-commander';
import { PatchesService, type PatchesResult } from '../patches/patches.service';
import { Printer } from '../terminal/printer';
import { DefinitionCommand, type DefinitionOptions } from './definition.command';

interface PatchesOptions extends DefinitionOptions {
  resume?: string;
}

@Command({ name: 'patches', description: 'work on the patches of an artifact with Git' })
export class PatchesCommand extends DefinitionCommand {
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
