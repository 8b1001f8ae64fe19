import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { unpackDefinition } from '@fatbuildr/artifacts';
import { DEFINITION_ARCHIVE, type BuildContext } from '../build-context';

/** Unpacks the submitted definition into the workspace. */
@Injectable()
export class UnpackStep {
  async run({ task, folders }: BuildContext): Promise<void> {
    const archive = join(task.workspace, DEFINITION_ARCHIVE);
    await unpackDefinition(archive, folders.definition, { signal: task.signal });
  }
}
