import type {
  BinaryRequest,
  PrescriptRequest,
  PrescriptWork,
  SourceRequest,
} from '@fatbuildr/builds';

/**
 * How RPM packages are built in the environments of one tool. The folders belong to the build account; what
 * is built has neither network nor privileges.
 */
export interface RpmBuildTool {
  /** As `[format:rpm] tool` names it. */
  readonly tool: string;
  /**
   * Makes the source package, in `SRPMS` of the folder.
   *
   * @param folder has `<artifact>.spec`, and its sources in `SOURCES`
   * @param options of rpmbuild
   */
  source(request: SourceRequest, folder: string, options: readonly string[]): Promise<void>;
  /**
   * Builds the packages, in `RPMS` of the folder.
   *
   * @param file path of the source package, in the folder
   */
  build(
    request: BinaryRequest,
    folder: string,
    file: string,
    options: readonly string[],
  ): Promise<void>;
  /**
   * Opens a session for a prescript: a fresh copy of the environment, with network and the packages, where commands
   * run as the build account.
   */
  inPrescriptSession(request: PrescriptRequest, work: PrescriptWork): Promise<void>;
}
