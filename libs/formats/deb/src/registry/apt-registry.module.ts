import { Module } from '@nestjs/common';
import { RegistriesModule } from '@fatbuildr/registries';
import { AptRegistry } from './apt-registry';

/** The app provides the `RegistrySigner` to everyone. */
@Module({
  imports: [RegistriesModule],
  providers: [AptRegistry],
  exports: [AptRegistry],
})
export class AptRegistryModule {}
