import type { FormatDescription } from '@fatbuildr/instances';

export { RPM_DEFINITION } from './definition';
export { DnfRegistry, type DnfSource } from './registry/dnf-registry';
export { DnfRegistryModule } from './registry/dnf-registry.module';
export { compareRpmVersions } from './registry/rpm-version';
export { RpmModule } from './rpm.module';

/** What instance files may say of this format. */
export const RPM_DESCRIPTION: FormatDescription = { name: 'rpm', environment: 'required' };
