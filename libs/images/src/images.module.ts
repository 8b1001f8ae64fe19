import { Global, Module } from '@nestjs/common';
import { ContainersModule } from '@fatbuildr/containers';
import { ImageFormats } from './image-formats';
import { ImagesService } from './images.service';

/** Images and build environments of all formats; global so that format modules can register theirs. */
@Global()
@Module({
  imports: [ContainersModule],
  providers: [ImageFormats, ImagesService],
  exports: [ImageFormats, ImagesService],
})
export class ImagesModule {}
