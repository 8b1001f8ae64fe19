export {
  ArtifactVersion,
  checkMainVersion,
  type TemplateVersion,
  type VersionParts,
} from './artifact-version';
