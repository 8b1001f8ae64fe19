import { Module } from '@nestjs/common';
import { DnfRegistryModule } from './registry/dnf-registry.module';

/** RPM packages: DNF registries. */
@Module({
  imports: [DnfRegistryModule],
  exports: [DnfRegistryModule],
})
export class RpmModule {}
