import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { BuildsModule } from '@fatbuildr/builds';
import { ContainersModule } from '@fatbuildr/containers';
import { ImageFormats, ImagesModule } from '@fatbuildr/images';
import { BinaryBuilder } from './builder/binary-builder';
import { BuildLayers } from './builder/build-layers';
import { DebBuilder } from './builder/deb-builder';
import { PackageChecks } from './builder/package-checks';
import { SourceBuilder } from './builder/source-builder';
import { ContainerEnvironment } from './environment/container-environment';
import { DebFormatImage } from './environment/format-image';
import { AptRegistryModule } from './registry/apt-registry.module';

/** deb packages: images, environments, builds and APT registries. */
@Module({
  imports: [ContainersModule, ImagesModule, BuildsModule, AptRegistryModule],
  providers: [
    BinaryBuilder,
    BuildLayers,
    ContainerEnvironment,
    DebBuilder,
    DebFormatImage,
    PackageChecks,
    SourceBuilder,
  ],
  exports: [AptRegistryModule],
})
export class DebModule implements OnModuleInit {
  constructor(
    @Inject(ImageFormats) private readonly images: ImageFormats,
    private readonly image: DebFormatImage,
    private readonly environment: ContainerEnvironment,
  ) {}

  onModuleInit(): void {
    this.images.register(this.image, [this.environment]);
  }
}
