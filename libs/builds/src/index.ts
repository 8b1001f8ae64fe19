export { executeIn, faultOf, lookAround, type Explain } from './build-command';
export {
  BUILD_FOLDER,
  cloneFile,
  collect,
  findFile,
  handOver,
  makeBuildFolder,
  requirePlainFile,
} from './build-folder';
export { badResult, commandFailed } from './builds.errors';
export { recordFindings, report, type Report } from './checker-report';
export { explainPatch } from './patch-output';
export type { BuildTask } from './build-task';
export { BuildPipeline } from './build-pipeline';
export { DEFINITION_ARCHIVE, SOURCE_ARCHIVES, type BuildRequest } from './build-context';
export { BuildsModule } from './builds.module';
export {
  openContainerSession,
  PRESCRIPT_FOLDERS,
  PRESCRIPT_VARIABLES,
  type PrescriptRequest,
  type PrescriptSession,
  type PrescriptWork,
} from './prescript/prescript-session';
export { patchCommand } from './patch-command';
export { recordedLock } from './prescript/recorded-lock';
export { checkDefinition, type CheckTarget } from './check-definition';
export type { Finding } from './definition-finding';
export type {
  BinaryRequest,
  BuildPatch,
  BuildSource,
  FormatBuilder,
  FormatDefinition,
  FormatParameters,
  PackagingRequest,
  SkeletonRequest,
  SourcePackage,
  SourceRequest,
} from './format-builder.port';
export { KeptBuilds } from './kept-builds';
export { KeptBuildsModule } from './kept-builds.module';
export { FormatBuilders } from './format-builders';
