import type { ArgumentVector, CommandOptions, RunningContainer } from '@fatbuildr/containers';

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
