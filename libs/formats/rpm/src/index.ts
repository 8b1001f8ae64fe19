import type { FormatDescription } from '@fatbuildr/instances';

export { RpmModule } from './rpm.module';

/** What instance files may say of this format. */
export const RPM_DESCRIPTION: FormatDescription = { name: 'rpm', environment: 'required' };
