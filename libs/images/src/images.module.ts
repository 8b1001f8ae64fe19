import { Global, Module } from '@nestjs/common';
import { ContainersModule } from '@fatbuildr/containers';
import { DependencyLayers } from './dependency-layers';
import { ImageFormats } from './image-formats';
import { ImagesService } from './images.service';

/** Images and build environments of all formats; global so that format modules can register theirs. */
@Global()
@Module({
  imports: [ContainersModule],
  providers: [DependencyLayers, ImageFormats, ImagesService],
  exports: [DependencyLayers, ImageFormats, ImagesService],
})
export class ImagesModule {}
