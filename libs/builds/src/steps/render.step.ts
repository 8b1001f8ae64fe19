import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { collectPatches, renderFolder } from '@fatbuildr/artifacts';
import type { BuildContext } from '../build-context';
import type { BuildPatch } from '../format-builder.port';
import type { BuildPlan } from './define.step';

/** Renders the packaging files of the format and collects the patches of the version. */
@Injectable()
export class RenderStep {
  async run(
    { folders, request }: BuildContext,
    { version, source }: BuildPlan,
  ): Promise<BuildPatch[]> {
    const packaging = join(folders.definition, request.format);
    // Whether files are missing is the format's to say: some need none.
    if (existsSync(packaging)) {
      await renderFolder(packaging, folders.packaging, { version: version.forTemplates() });
    } else await mkdir(folders.packaging);
    return collectPatches(folders.definition, source.version);
  }
}
