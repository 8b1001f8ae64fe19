export type {
  EnvironmentRequest,
  EnvironmentTool,
  FormatImageRequest,
  FormatImageSource,
} from './environment-tool.port';
export { environmentImageName, formatImageName } from './image-names';
export { ImagesModule } from './images.module';
export { ImagesService, requireEnvironment } from './images.service';
export { ImageFormats } from './image-formats';
