import { join } from 'node:path';
import {
  formatPrescriptLock,
  loadPrescriptLock,
  PRESCRIPT_LOCK,
  type PrescriptLock,
} from '@fatbuildr/artifacts';
import writeFileAtomic from 'write-file-atomic';
import { nothingRecorded } from './prescript.errors';

/** Keeps with a task what its prescript fetched, beside the journal. */
export async function recordLock(workspace: string, fetched: PrescriptLock): Promise<void> {
  const file = join(workspace, PRESCRIPT_LOCK);
  await writeFileAtomic(file, formatPrescriptLock(fetched), { mode: 0o644 });
}

/**
 * What the prescript of a task fetched, as the text of a lock.
 *
 * @throws FatbuildrError `BUILDS.NO_LOCK`
 */
export async function recordedLock({ id, place }: { id: string; place: string }): Promise<string> {
  const lock = await loadPrescriptLock(place);
  if (lock === undefined) throw nothingRecorded(id);
  return formatPrescriptLock(lock);
}
