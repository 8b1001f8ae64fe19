import type { FormatDefinition } from '@fatbuildr/builds';
import { hasBuildScript } from './build-script';
import { skeleton } from './skeleton';

/** What definitions say for release archives. */
export const TARBALL_DEFINITION: FormatDefinition = {
  name: 'tarball',
  parameters: [],
  checks: [hasBuildScript],
  skeleton,
};
