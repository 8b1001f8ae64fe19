export {
  ArtifactVersion,
  checkMainVersion,
  type TemplateVersion,
  type VersionParts,
} from './artifact-version';
export {
  ArtifactDefinition,
  checkArtifactName,
  loadDefinition,
  type DefinedSource,
} from './definition';
export type { Checksum } from './definition-checksums';
export type { DefinitionValue, FormatRules } from './definition-schema';
export { MAIN_DERIVATIVE } from './definition-versions';
export { renderFolder, renderText, type TemplateValue, type TemplateVariables } from './templates';
