import { CreateRegistryIndex1795000000000 } from './migrations/1795000000000-create-registry-index';
import { IndexRegistryListings1796000000000 } from './migrations/1796000000000-index-registry-listings';
import {
  RegistryDetails,
  RegistryFile,
  RegistryIndexState,
  RegistryPackage,
  RegistryPublication,
} from './registries.entity';

export { ChunkMaps, type ChunkMap } from './chunk-maps';
export { ensureLink, GenerationStore, linkTarget } from './generation-store';
export {
  CHUNK_LENGTH,
  planChunks,
  type ChunkStart,
  type CutChunk,
  type ReadFragments,
} from './index-chunks';
export {
  DamagedPackage,
  describePackage,
  DESCRIPTION_ENDING,
  digestDescribed,
  readDescribed,
  readDescription,
  SAFE_NAME,
  type DescribedFile,
  type PackageDescription,
} from './package-description';
export {
  digestFile,
  exists,
  listEntries,
  listFolders,
  registryAddress,
  registryRoot,
  removeFiles,
  type FileDigests,
} from './pool';
export { plainClientSetup } from './plain-client';
export type { RegistryPublication } from './registries.entity';
export { RegistriesModule } from './registries.module';
export { RegistriesService } from './registries.service';
export type {
  ClientRequest,
  ClientSetup,
  IndexPart,
  NameRange,
  PackageFile,
  PackageRecord,
  PlaceOnDisk,
  RegistryFormat,
  StagedIndex,
  StageRequest,
} from './registry-format.port';
export { RegistryFormats } from './registry-formats';
export type { ChangedBy } from './registry-changes';
export { REGISTRY_SIGNER, type RegistrySigner } from './registry-signer.port';
export {
  DamagedSource,
  spliceFile,
  type Piece,
  type SplicedDigests,
  type SpliceSource,
} from './spliced-file';
export { allDone, StagedFiles, syncFolder, writeDurably } from './staged-files';

export const REGISTRIES_ENTITIES = [
  RegistryPackage,
  RegistryDetails,
  RegistryFile,
  RegistryIndexState,
  RegistryPublication,
];
export const REGISTRIES_MIGRATIONS = [
  CreateRegistryIndex1795000000000,
  IndexRegistryListings1796000000000,
];
