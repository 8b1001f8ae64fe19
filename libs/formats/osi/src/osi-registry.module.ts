import { Module } from '@nestjs/common';
import { KeyringModule, KeyringService } from '@fatbuildr/keyring';
import { RegistriesModule, REGISTRY_SIGNER } from '@fatbuildr/registries';
import { OsiRegistry } from './osi-registry';

@Module({
  imports: [RegistriesModule, KeyringModule],
  providers: [{ provide: REGISTRY_SIGNER, useExisting: KeyringService }, OsiRegistry],
})
export class OsiRegistryModule {}
