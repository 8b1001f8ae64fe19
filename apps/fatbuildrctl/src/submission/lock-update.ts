import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PrescriptLock } from '@fatbuildr/artifacts';
import type { FatbuildrClient } from '@fatbuildr/protocol';
import writeFileAtomic from 'write-file-atomic';
import { nothingToLock } from './submission.errors';

/** Brings the lock of a prescript in line with what a build has fetched. */
export class LockUpdate {
  private constructor(
    private readonly folder: string,
    private readonly before: PrescriptLock,
  ) {}

  /** Refuses a definition without prescript, and a lock that cannot be read. */
  static async prepare(folder: string): Promise<LockUpdate> {
    const { loadPrescriptLock, PRESCRIPT } = await import('@fatbuildr/artifacts');
    if (!existsSync(join(folder, PRESCRIPT))) throw nothingToLock(folder, PRESCRIPT);
    return new LockUpdate(folder, (await loadPrescriptLock(folder)) ?? new Map());
  }

  /**
   * Writes the lock. URLs that this build did not ask for stay: those of other formats and distributions may.
   *
   * @returns what has changed, for people
   */
  async finish(client: FatbuildrClient, task: string): Promise<string> {
    const { formatPrescriptLock, parsePrescriptLock, PRESCRIPT_LOCK } =
      await import('@fatbuildr/artifacts');
    const { before } = this;
    const fetched = parsePrescriptLock(await client.taskPrescriptLock(task));
    const file = join(this.folder, PRESCRIPT_LOCK);
    await writeFileAtomic(file, formatPrescriptLock(new Map([...before, ...fetched])));
    const added = [...fetched.keys()].filter((url) => !before.has(url));
    const changed = [...fetched].filter(([url, digest]) => (before.get(url) ?? digest) !== digest);
    return `Wrote ${file}: ${added.length} added, ${changed.length} changed, of ${fetched.size} downloads`;
  }
}
