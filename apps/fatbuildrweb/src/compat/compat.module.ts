import { Module } from '@nestjs/common';
import { KeyringModule } from '@fatbuildr/keyring';
import { RegistriesModule } from '@fatbuildr/registries';
import { ListingsModule } from '../registry/listings.module';
import { BuildController } from './build.controller';
import { InstanceController } from './instance.controller';
import { RegistryController } from './registry.controller';
import { TasksController } from './tasks.controller';

/** The compatible routes of one instance; their paths start with its id where the server has several. */
@Module({
  imports: [KeyringModule, RegistriesModule, ListingsModule],
  controllers: [InstanceController, RegistryController, TasksController, BuildController],
})
export class CompatModule {}
