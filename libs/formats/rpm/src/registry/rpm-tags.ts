/** Numbers of tags in the signature header of a package (rpm 4.18, `rpmtag.h`). */
export const SIGNATURE_TAG = {
  region: 62,
  /** Signatures of the main header alone, by every algorithm but RSA, and by RSA. */
  dsa: 267,
  rsa: 268,
  longSize: 270,
  longArchiveSize: 271,
  sha256: 273,
  openpgp: 278,
  size: 1000,
  /** Signatures of header and payload, which rpm stopped to make with version 4.14. */
  legacyPgp: 1002,
  legacyGpg: 1005,
  archiveSize: 1007,
  reservedSpace: 1008,
} as const;

/** Numbers of tags in the main header. */
export const TAG = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  summary: 1004,
  description: 1005,
  buildTime: 1006,
  buildHost: 1007,
  size: 1009,
  vendor: 1011,
  license: 1014,
  packager: 1015,
  group: 1016,
  url: 1020,
  architecture: 1022,
  fileSizes: 1028,
  fileModes: 1030,
  fileFlags: 1037,
  sourceRpm: 1044,
  archiveSize: 1046,
  changelogTime: 1080,
  changelogName: 1081,
  changelogText: 1082,
  sourcePackage: 1106,
  directoryIndexes: 1116,
  baseNames: 1117,
  directoryNames: 1118,
  longFileSizes: 5008,
  longSize: 5009,
  payloadDigest: 5092,
  payloadDigestAlgorithm: 5093,
} as const;

/** Names, flags and versions of each kind of relation, in the order in which a primary index has them. */
export const RELATION_TAGS = {
  provides: [1047, 1112, 1113],
  requires: [1049, 1048, 1050],
  conflicts: [1054, 1053, 1055],
  obsoletes: [1090, 1114, 1115],
  suggests: [5049, 5051, 5050],
  enhances: [5055, 5057, 5056],
  recommends: [5046, 5048, 5047],
  supplements: [5052, 5054, 5053],
} as const satisfies Record<string, readonly [name: number, flags: number, version: number]>;

export type RelationKind = keyof typeof RELATION_TAGS;
