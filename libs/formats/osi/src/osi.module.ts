import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { BuildsModule } from '@fatbuildr/builds';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { CONTAINER_ENGINE, ContainersModule, type ContainerEngine } from '@fatbuildr/containers';
import { DebianFormatImage, ImageFormats, ImagesModule } from '@fatbuildr/images';
import { ImageMaker } from './image-maker';
import { OsiBuilder } from './osi-builder';
import { OsiRegistryModule } from './osi-registry.module';

/** OS images made by mkosi: the image it runs in, builds, and registries that systemd-sysupdate reads. */
@Module({
  imports: [ContainersModule, ImagesModule, BuildsModule, OsiRegistryModule],
  providers: [ImageMaker, OsiBuilder],
})
export class OsiModule implements OnModuleInit {
  constructor(
    @Inject(ImageFormats) private readonly images: ImageFormats,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine,
  ) {}

  onModuleInit(): void {
    this.images.register(new DebianFormatImage('osi', this.configuration, this.engine));
  }
}
