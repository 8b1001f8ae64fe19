export { BUILD_ACCOUNT, BUILD_USER } from './build-account';
export { aptCommand, isUpToDate } from './debian/apt-in-container';
export { DebianFormatImage } from './debian/debian-format-image';
export { hostAptSettings, readHostApt } from './debian/host-mirror';
export { mmdebstrapCommand } from './debian/mmdebstrap';
export { DependencyLayers } from './dependency-layers';
export { EnvironmentFolders } from './environment-folders';
export { originOf, warnOfDifferences, type EnvironmentOrigin } from './environment-origin';
export type {
  EnvironmentPlace,
  EnvironmentRequest,
  EnvironmentTool,
  EnvironmentUse,
  FormatImageRequest,
  FormatImageSource,
  FormatImageShell,
  EnvironmentShell,
} from './environment-tool.port';
export {
  BOOTSTRAP_MOUNTS,
  BOOTSTRAP_TARGET,
  ImageEnvironment,
  tellReady,
} from './image-environment';
export { environmentImageName, formatImageName } from './image-names';
export { requireRunnable } from './emulation';
export { ImagesModule } from './images.module';
export { ImagesService, requireEnvironment } from './images.service';
export { ImageFormats } from './image-formats';
export { bootstrapFailed } from './making.errors';
export { PACKAGING_CAPABILITIES } from './packaging-capabilities';
export { readPackageList, recipeDigest } from './recipe';
export { runShell, SHELL, shellParameters } from './shell';
