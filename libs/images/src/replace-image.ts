import type { ContainerEngine, ImageDescription } from '@fatbuildr/containers';
import { messageOf } from '@fatbuildr/errors';
import type { TaskJournal } from '@fatbuildr/tasks';

/** Makes an image under a name that may be taken; the one that had it is removed once it is replaced. */
export async function replaceImage(
  engine: ContainerEngine,
  name: string,
  journal: TaskJournal,
  make: () => Promise<ImageDescription>,
): Promise<ImageDescription> {
  const before = await engine.inspectImage(name);
  const made = await make();
  if (before !== undefined && before.id !== made.id) {
    await removeUnused(engine, before.id, journal);
  }
  return made;
}

/** Removes an image; one that a container still uses stays and is only reported. */
export async function removeUnused(
  engine: ContainerEngine,
  image: string,
  journal: TaskJournal,
): Promise<void> {
  try {
    await engine.removeImage(image);
  } catch (fault) {
    journal.log('warning', `An image that is no longer needed stays: ${messageOf(fault)}`);
  }
}
