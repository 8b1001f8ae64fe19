import type { FormatDescription } from '@fatbuildr/instances';

export { DEB_DEFINITION } from './definition';
export { DebModule } from './deb.module';
export { debianArchitecture, normalizedArchitecture } from './registry/architectures';
export { AptRegistry, type AptSource } from './registry/apt-registry';
export { AptRegistryModule } from './registry/apt-registry.module';

/** What instance files may say of this format. */
export const DEB_DESCRIPTION: FormatDescription = { name: 'deb', environment: 'required' };
