import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { BuildsModule } from '@fatbuildr/builds';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { CONTAINER_ENGINE, ContainersModule, type ContainerEngine } from '@fatbuildr/containers';
import { DebianFormatImage, ImageFormats, ImagesModule } from '@fatbuildr/images';
import { BinaryBuilder } from './builder/binary-builder';
import { BuildLayers } from './builder/build-layers';
import { DebBuilder } from './builder/deb-builder';
import { PackageChecks } from './builder/package-checks';
import { SourceBuilder } from './builder/source-builder';
import { ContainerEnvironment } from './environment/container-environment';
import { AptRegistryModule } from './registry/apt-registry.module';

/** deb packages: images, environments, builds and APT registries. */
@Module({
  imports: [ContainersModule, ImagesModule, BuildsModule, AptRegistryModule],
  providers: [
    BinaryBuilder,
    BuildLayers,
    ContainerEnvironment,
    DebBuilder,
    PackageChecks,
    SourceBuilder,
  ],
  exports: [AptRegistryModule],
})
export class DebModule implements OnModuleInit {
  constructor(
    @Inject(ImageFormats) private readonly images: ImageFormats,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine,
    private readonly environment: ContainerEnvironment,
  ) {}

  onModuleInit(): void {
    const image = new DebianFormatImage('deb', this.configuration, this.engine);
    this.images.register(image, [this.environment]);
  }
}
