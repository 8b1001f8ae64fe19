import { Module } from '@nestjs/common';
import { RegistryFilesController } from './registry-files.controller';

/** The files of the registries; their paths start with the instance's id where the server has several. */
@Module({ controllers: [RegistryFilesController] })
export class RegistryFilesModule {}
