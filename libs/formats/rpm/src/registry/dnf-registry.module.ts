import { Module } from '@nestjs/common';
import { KeyringModule, KeyringService } from '@fatbuildr/keyring';
import { RegistriesModule, REGISTRY_SIGNER } from '@fatbuildr/registries';
import { DnfRegistry } from './dnf-registry';

@Module({
  imports: [RegistriesModule, KeyringModule],
  providers: [{ provide: REGISTRY_SIGNER, useExisting: KeyringService }, DnfRegistry],
  exports: [DnfRegistry],
})
export class DnfRegistryModule {}
