import { Module } from '@nestjs/common';
import { DockerodeEngine } from './adapters/dockerode-engine';
import { CONTAINER_ENGINE } from './container-engine.port';

@Module({
  providers: [DockerodeEngine, { provide: CONTAINER_ENGINE, useExisting: DockerodeEngine }],
  exports: [CONTAINER_ENGINE],
})
export class ContainersModule {}
