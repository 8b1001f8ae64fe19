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
import { ContainerBuild } from './builder/container-build';
import { Cowbuilder } from './cowbuilder/cowbuilder';
import { CowbuilderBuild } from './cowbuilder/cowbuilder-build';
import { CowbuilderEnvironment } from './cowbuilder/cowbuilder-environment';
import { ContainerEnvironment } from './environment/container-environment';
import { AptRegistryModule } from './registry/apt-registry.module';

/** deb packages: images, environments, builds and APT registries. */
@Module({
  imports: [ContainersModule, ImagesModule, BuildsModule, AptRegistryModule],
  providers: [
    BinaryBuilder,
    BuildLayers,
    ContainerBuild,
    ContainerEnvironment,
    Cowbuilder,
    CowbuilderBuild,
    CowbuilderEnvironment,
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
    private readonly container: ContainerEnvironment,
    private readonly cowbuilder: CowbuilderEnvironment,
  ) {}

  onModuleInit(): void {
    const image = new DebianFormatImage('deb', this.configuration, this.engine);
    this.images.register(image, [this.container, this.cowbuilder]);
  }
}
