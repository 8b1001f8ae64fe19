import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import {
  applyRenameRules,
  collectPatches,
  linkPatch,
  loadPrescript,
  renderFolder,
  type Prescript,
} from '@fatbuildr/artifacts';
import type { BuildContext } from '../build-context';
import type { BuildPatch, BuildSource } from '../format-builder.port';
import type { BuildPlan } from './define.step';

/** What of the definition changes the sources. */
export interface Rendered {
  patches: BuildPatch[];
  prescript: Prescript | undefined;
}

/** Applies the rename rules, renders the packaging files of the format, collects patches and prescript. */
@Injectable()
export class RenderStep {
  async run(
    { folders, request, task }: BuildContext,
    { version }: BuildPlan,
    sources: readonly BuildSource[],
  ): Promise<Rendered> {
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
    return {
      patches: links === undefined ? patches : [links, ...patches],
      prescript: await loadPrescript(definition, { format, distribution }),
    };
  }
}
