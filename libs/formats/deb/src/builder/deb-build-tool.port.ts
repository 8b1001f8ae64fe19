import type { BinaryRequest, PrescriptRequest, PrescriptWork } from '@fatbuildr/builds';
import type { Instance, Pipeline } from '@fatbuildr/instances';

/** How deb packages are built in the environments of one tool. */
export interface DebBuildTool {
  /** As `[format:deb] tool` names it. */
  readonly tool: string;
  /** Name of an image with dpkg-source, in whose containers source packages are made. */
  sourceImage(instance: Instance, pipeline: Pipeline): string;
  /**
   * Builds a source package, without network and privileges.
   *
   * @param folder has the files of the source package, and gets what is built: packages, .changes, .buildinfo
   * @param dsc path of the source's description, one of them
   * @param started called when the build itself begins
   */
  build(request: BinaryRequest, folder: string, dsc: string, started: () => void): Promise<void>;
  /**
   * Opens a session for a prescript: a fresh copy of the environment, with network and the packages, where commands
   * run as the build account.
   */
  inPrescriptSession(request: PrescriptRequest, work: PrescriptWork): Promise<void>;
}
