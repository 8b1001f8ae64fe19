import { Module } from '@nestjs/common';
import { KeyringModule, KeyringService } from '@fatbuildr/keyring';
import { RegistriesModule, REGISTRY_SIGNER } from '@fatbuildr/registries';
import { AptRegistry } from './apt-registry';

@Module({
  imports: [RegistriesModule, KeyringModule],
  providers: [{ provide: REGISTRY_SIGNER, useExisting: KeyringService }, AptRegistry],
  exports: [AptRegistry],
})
export class AptRegistryModule {}
