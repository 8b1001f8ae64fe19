import type { RunningContainer } from '@fatbuildr/containers';
import type { TaskContext } from '@fatbuildr/tasks';

/** A task that builds. */
export interface BuildTask extends TaskContext {
  /**
   * Keeps the container of a command that failed, for people who look into it later; never fails itself.
   * Only of builds that were submitted so.
   */
  readonly keep?: (container: RunningContainer, workdir: string) => Promise<void>;
}
