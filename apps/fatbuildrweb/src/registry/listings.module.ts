import { Module } from '@nestjs/common';
import { RegistriesModule } from '@fatbuildr/registries';
import { ListingCache } from './listing-cache';

/** Listings of artifacts, ready to be sent. */
@Module({ imports: [RegistriesModule], providers: [ListingCache], exports: [ListingCache] })
export class ListingsModule {}
