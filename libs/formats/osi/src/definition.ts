import type { FormatDefinition } from '@fatbuildr/builds';
import { definedImages } from './definition-folder';
import { skeleton } from './skeleton';

/** What definitions say for OS images. */
export const OSI_DEFINITION: FormatDefinition = {
  name: 'osi',
  defaultRelease: '0',
  parameters: [],
  takesSources: false,
  checks: [({ artifact, packaging }) => definedImages(artifact, packaging)],
  skeleton,
};
