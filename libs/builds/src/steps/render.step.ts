import { Injectable } from '@nestjs/common';
import { loadPrescript, type Prescript } from '@fatbuildr/artifacts';
import type { BuildContext } from '../build-context';
import type { BuildPatch, BuildSource } from '../format-builder.port';
import { renderDefinition } from '../render-definition';
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
    const { definition, packaging } = folders;
    const { format, distribution } = request;
    const patches = await renderDefinition(
      { definition, packaging, format, distribution, version, sources },
      (message) => task.journal.log('info', message),
    );
    return { patches, prescript: await loadPrescript(definition, { format, distribution }) };
  }
}
