import { Module } from '@nestjs/common';
import { PublicationLock } from './publication-lock';
import { RegistriesService } from './registries.service';
import { RegistryChanges } from './registry-changes';
import { RegistryFormats } from './registry-formats';
import { RegistryIndex } from './registry-index';
import { RegistryPublisher } from './registry-publisher';

/** Needs `Configuration` and `Database` in the app; formats import it to register themselves. */
@Module({
  providers: [
    RegistriesService,
    RegistryFormats,
    RegistryIndex,
    RegistryChanges,
    RegistryPublisher,
    PublicationLock,
  ],
  exports: [RegistriesService, RegistryFormats],
})
export class RegistriesModule {}
