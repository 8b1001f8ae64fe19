import type { FormatDescription } from '@fatbuildr/instances';

export { DnfRegistry } from './registry/dnf-registry';
export { DnfRegistryModule } from './registry/dnf-registry.module';
export { RpmModule } from './rpm.module';

/** What instance files may say of this format. */
export const RPM_DESCRIPTION: FormatDescription = { name: 'rpm', environment: 'required' };
