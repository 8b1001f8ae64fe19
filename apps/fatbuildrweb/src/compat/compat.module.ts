import { Module } from '@nestjs/common';
import { KeyringModule } from '@fatbuildr/keyring';
import { RegistriesModule } from '@fatbuildr/registries';
import { InstanceController } from './instance.controller';

/** The compatible routes of one instance; their paths start with its id where the server has several. */
@Module({
  imports: [KeyringModule, RegistriesModule],
  controllers: [InstanceController],
})
export class CompatModule {}
