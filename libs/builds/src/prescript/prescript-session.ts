import type { ArgumentVector, ContainerEngine, Mount } from '@fatbuildr/containers';
import { BUILD_USER } from '@fatbuildr/images';
import type { Instance, Pipeline } from '@fatbuildr/instances';
import type { TaskContext } from '@fatbuildr/tasks';
import { executeIn, type Explain } from '../build-command';
import { BUILD_FOLDER } from '../build-folder';

/** Folders of a session; all of them are there, and empty, in every root. */
export const PRESCRIPT_FOLDERS = {
  /** The source tree, which belongs to the build account. */
  tree: BUILD_FOLDER,
  /** What the prescript is given and cannot change. */
  given: '/mnt',
  /** Where it asks for downloads. */
  asked: '/media',
} as const;

/** What a format needs to open a session for a prescript. */
export interface PrescriptRequest {
  context: TaskContext;
  instance: Instance;
  pipeline: Pipeline;
  derivative: string;
  artifact: string;
  /** Packages that are there, besides those of every build. */
  packages: readonly string[];
  /** What is seen of the host: the folders above. */
  mounts: readonly Mount[];
}

/** A fresh copy of a build environment with network, without privileges. */
export interface PrescriptSession {
  /**
   * Runs a command as the build account in the source tree.
   *
   * @throws FatbuildrError what `explain` gives, else `BUILDS.COMMAND_FAILED`
   */
  run(argv: ArgumentVector, context: TaskContext, explain?: Explain): Promise<void>;
}

/** What is done in a session, which ends with it. */
export type PrescriptWork = (session: PrescriptSession) => Promise<void>;

/** How sessions look for what runs in them; with a place for the caches of package managers. */
export const PRESCRIPT_VARIABLES = { LC_ALL: 'C.UTF-8', HOME: '/tmp' } as const;

/**
 * A session in a container of an image.
 *
 * @param image name of one that has the packages
 */
export async function openContainerSession(
  engine: ContainerEngine,
  image: string,
  { context, instance, mounts }: PrescriptRequest,
  work: PrescriptWork,
): Promise<void> {
  const container = await engine.start({
    image,
    owner: { instance: instance.id, task: context.task.id },
    network: 'host',
    user: BUILD_USER,
    environment: PRESCRIPT_VARIABLES,
    mounts,
  });
  try {
    await work({
      run: (argv, task, explain) =>
        executeIn(container, argv, PRESCRIPT_FOLDERS.tree, task, explain),
    });
  } finally {
    await container.remove();
  }
}
