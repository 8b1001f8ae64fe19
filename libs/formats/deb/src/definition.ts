import type { FormatDefinition } from '@fatbuildr/builds';
import { checkVersion, readControl, requireOwnFolders, requireRules } from './builder/packaging';
import { skeleton } from './skeleton';

/** What definitions say for deb packages. */
export const DEB_DEFINITION: FormatDefinition = {
  name: 'deb',
  parameters: [],
  checks: [checkVersion, requireOwnFolders, readControl, requireRules],
  skeleton,
};
