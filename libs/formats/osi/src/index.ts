import type { FormatDescription } from '@fatbuildr/instances';

export { OSI_DEFINITION } from './definition';
export { detachLoopDevices } from './loop-devices';
export { OsiModule } from './osi.module';
export { OsiRegistryModule } from './osi-registry.module';

/** What instance files may say of this format: it builds in its image, distributions name no environment. */
export const OSI_DESCRIPTION: FormatDescription = { name: 'osi', environment: 'none' };
