import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { PARTIAL_DOWNLOADS } from '@fatbuildr/artifacts';
import type { Configuration } from '@fatbuildr/config';
import { messageOf } from '@fatbuildr/errors';
import { run } from '@fatbuildr/processes';

/**
 * Removes files that a killed daemon was just writing: downloads, temporary files, and what was to become a
 * file of a registry. Nobody waits for it, registries may be large.
 *
 * @param before when this daemon began to work: what is newer is its own
 */
export async function removeLeftoverFiles(
  { cache, tmp, registry }: Configuration['dirs'],
  before: Date,
): Promise<void> {
  const old = ['!', '-newermt', `@${before.getTime() / 1000}`];
  // The names that changes of a registry have in between, before and after their switch.
  const between = ['(', '-name', '.*.next', '-o', '-name', '.*.previous', ')'];
  const leftovers: [string, ...string[]][] = [
    [join(cache, PARTIAL_DOWNLOADS), '-mindepth', '1', ...old],
    [tmp, '-mindepth', '1', ...old],
    [registry, '-type', 'f', ...between, ...old],
  ];
  for (const [folder, ...which] of leftovers) {
    // Status 1: the folder is not there, or somebody else has removed a file.
    await run(['find', folder, ...which, '-delete'], { accept: [0, 1] }).catch((fault: unknown) =>
      new Logger('recovery').warn(`leftovers remain below ${folder}: ${messageOf(fault)}`),
    );
  }
}
