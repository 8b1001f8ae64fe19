export { BuildPipeline } from './build-pipeline';
export { DEFINITION_ARCHIVE, SOURCE_ARCHIVES, type BuildRequest } from './build-context';
export { BuildsModule } from './builds.module';
export type {
  BinaryRequest,
  BuildPatch,
  BuildSource,
  FormatBuilder,
  SourcePackage,
  SourceRequest,
} from './format-builder.port';
export { FormatBuilders } from './format-builders';
