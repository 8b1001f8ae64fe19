export type {
  EnvironmentRequest,
  EnvironmentTool,
  FormatImageRequest,
  FormatImageSource,
  FormatImageShell,
  EnvironmentShell,
} from './environment-tool.port';
export { environmentImageName, formatImageName } from './image-names';
export { ImagesModule } from './images.module';
export { ImagesService, requireEnvironment } from './images.service';
export { ImageFormats } from './image-formats';
export { runShell, SHELL, shellParameters } from './shell';
