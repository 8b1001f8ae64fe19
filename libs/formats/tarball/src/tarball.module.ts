import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { BuildsModule } from '@fatbuildr/builds';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { CONTAINER_ENGINE, ContainersModule, type ContainerEngine } from '@fatbuildr/containers';
import { DebianFormatImage, ImageFormats, ImagesModule } from '@fatbuildr/images';
import { TarballBuilder } from './tarball-builder';
import { TarballRegistryModule } from './tarball-registry.module';

/** Release archives: their image, which is where they are built, their builds and static registries. */
@Module({
  imports: [ContainersModule, ImagesModule, BuildsModule, TarballRegistryModule],
  providers: [TarballBuilder],
})
export class TarballModule implements OnModuleInit {
  constructor(
    @Inject(ImageFormats) private readonly images: ImageFormats,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine,
  ) {}

  onModuleInit(): void {
    this.images.register(new DebianFormatImage('tarball', this.configuration, this.engine));
  }
}
