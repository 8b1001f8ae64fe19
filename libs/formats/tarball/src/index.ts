import type { FormatDescription } from '@fatbuildr/instances';

export { TARBALL_DEFINITION } from './definition';
export { TarballModule } from './tarball.module';
export { TarballRegistryModule } from './tarball-registry.module';

/** What instance files may say of this format: it builds in its image, distributions name no environment. */
export const TARBALL_DESCRIPTION: FormatDescription = { name: 'tarball', environment: 'none' };
