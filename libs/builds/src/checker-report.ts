import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArgumentVector, CommandOptions, RunningContainer } from '@fatbuildr/containers';
import type { FormatBuilder } from './format-builder.port';

/** Bytes of a checker's output that are kept. */
const LARGEST_REPORT = 32 * 1024 * 1024;

/** What a checker printed, and how it ended. */
export interface Report {
  status: number;
  text: Buffer;
}

/** Runs a checker and keeps what it prints, so that those that run together do not mix. */
export async function report(
  container: RunningContainer,
  argv: ArgumentVector,
  options: Pick<CommandOptions, 'input' | 'signal' | 'timeout'>,
): Promise<Report> {
  const chunks: Buffer[] = [];
  let kept = 0;
  const status = await container.exec(
    { argv },
    {
      ...options,
      output: (chunk) => {
        if (kept < LARGEST_REPORT) chunks.push(chunk);
        kept += chunk.length;
      },
    },
  );
  return { status, text: Buffer.concat(chunks) };
}

interface Findings {
  contents: Report;
  /** Program that looks for faults of packages; its report is called after it. */
  linter: string;
  lints: readonly Report[];
  /** Statuses of the linter that tell of findings, not of faults of its own. */
  linted: readonly number[];
}

/** Keeps what checkers found in the journal and beside the packages, and says which of them broke off. */
export async function recordFindings(
  { context, results }: Parameters<FormatBuilder['checks']>[0],
  { contents, linter, lints, linted }: Findings,
): Promise<void> {
  const { journal } = context;
  const found = Buffer.concat(lints.map(({ text }) => text));
  await writeFile(join(results, 'contents.txt'), contents.text);
  await writeFile(join(results, `${linter}.txt`), found);
  journal.output(contents.text);
  journal.output(found);
  const broken = lints.find(({ status }) => !linted.includes(status));
  if (broken) journal.log('warning', `${linter} broke off with status ${broken.status}`);
  if (contents.status !== 0) {
    journal.log('warning', `The contents could not be listed (status ${contents.status})`);
  }
}
