import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { applyRenameRules, collectPatches, linkPatch, renderFolder } from '@fatbuildr/artifacts';
import type { BuildContext } from '../build-context';
import type { BuildPatch, BuildSource } from '../format-builder.port';
import type { BuildPlan } from './define.step';

/** Applies the rename rules, renders the packaging files of the format and collects the patches. */
@Injectable()
export class RenderStep {
  async run(
    { folders, request, task }: BuildContext,
    { version }: BuildPlan,
    sources: readonly BuildSource[],
  ): Promise<BuildPatch[]> {
    const { definition } = folders;
    const { format, distribution } = request;
    const variables = { version: version.forTemplates() };
    await applyRenameRules(definition, variables);
    const packaging = join(definition, format);
    // Whether files are missing is the format's to say: some need none.
    if (existsSync(packaging)) await renderFolder(packaging, folders.packaging, variables);
    else await mkdir(folders.packaging);
    const patches = await collectPatches(
      definition,
      { version: version.main, format, distribution, variables },
      (message) => task.journal.log('info', message),
    );
    const links = linkPatch(sources);
    return links === undefined ? patches : [links, ...patches];
  }
}
