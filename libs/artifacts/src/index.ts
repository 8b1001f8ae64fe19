export { addChecksums } from './add-checksums';
export { unplacedSource } from './artifacts.errors';
export { archiveFormat, type ArchiveFormat } from './archive-format';
export {
  ArtifactVersion,
  checkMainVersion,
  type TemplateVersion,
  type VersionParts,
} from './artifact-version';
export {
  ArtifactDefinition,
  checkArtifactName,
  examineDefinition,
  loadDefinition,
  type DefinedSource,
} from './definition';
export type { Checksum } from './definition-checksums';
export { DEFINITION_FILES, lineOfKey, readDefinitionFile } from './definition-file';
export { definitionJsonSchema } from './definition-json-schema';
export type { DefinitionValue, FormatRules } from './definition-schema';
export { compareDebianVersions, withoutEpoch } from './debian-version';
export { MAIN_DERIVATIVE } from './definition-versions';
export { renderFolder, renderText, type TemplateValue, type TemplateVariables } from './templates';
export { rpmDate } from './template-filters';
export { packDefinition, unpackDefinition } from './definition-archive';
export {
  packLocalSource,
  parseLocalSources,
  type LocalSource,
  type PackLocalSourceOptions,
} from './local-source';
export { PACKED_TIME, packTree, type PackOptions } from './pack-tree';
export {
  formatCommitMessage,
  formatPatchHeader,
  parseCommitMessage,
  parsePatchHeader,
  type PatchDescription,
} from './patch-description';
export { doubtfulPatches } from './patch-doubts';
export { readPatchHeader, splitPatch, type PatchHeader } from './patch-header';
export {
  collectPatches,
  GENERIC,
  otherVersions,
  readPatches,
  renderPatch,
  type Patch,
  type PatchFile,
  type PatchTarget,
} from './patches';
export { refreshPatches } from './refresh-patches';
export { download, type Download } from './download';
export { loadPrescript, PRESCRIPT, type Prescript } from './prescript';
export {
  formatPrescriptLock,
  loadPrescriptLock,
  parsePrescriptLock,
  PRESCRIPT_LOCK,
  type PrescriptLock,
} from './prescript-lock';
export { applyRenameRules } from './rename-rules';
export { readInside } from './safe-folder';
export {
  PARTIAL_DOWNLOADS,
  SourceCache,
  type FetchLimits,
  type FetchOptions,
} from './source-cache';
export { chosenSources } from './chosen-sources';
export { assembleSourceTree, makeSourceTree, type SourceTreeRequest } from './source-tree';
export { linkPatch, placeSupplements, supplementFolder, type PlacedSource } from './supplements';
export { treePatches, type TreePatchOptions } from './tree-patch';
export type { UnpackLimits } from './tree-writer';
export { unpack, type UnpackOptions } from './unpack';
export { walkTar, type TarLocation } from './walk-tar';
