import { lineElement, noteElement, type LogLine } from './log-lines';
import type { LogPart } from './task-logs';

/** Where a page has its log, until it is sent. */
export const LOG_MARKER = '<!-- log -->';

/** Lines a page shows of a log that is there already: what browsers and readers can take. */
const MOST_LINES = 20_000;

/** The page around a log, and the log in between as it comes. */
export async function* streamedPage(
  html: string,
  log: AsyncIterable<string>,
): AsyncGenerator<string> {
  const [head = '', tail = ''] = html.split(LOG_MARKER);
  yield head;
  yield* log;
  yield tail;
}

/** Every line as an element, as it comes. */
export async function* lineElements(parts: AsyncIterable<LogPart>): AsyncGenerator<string> {
  for await (const { lines } of parts) yield lines.map(lineElement).join('');
}

/** Elements of the last lines of a log; how many are before is said. */
export async function* lastLineElements(parts: AsyncIterable<LogPart>): AsyncGenerator<string> {
  let kept: LogLine[] = [];
  let left = 0;
  const cut = (most: number) => {
    // Seldom, so that lines are not copied again and again.
    if (kept.length <= most) return;
    left += kept.length - MOST_LINES;
    kept = kept.slice(-MOST_LINES);
  };
  for await (const { lines } of parts) {
    for (const line of lines) kept.push(line);
    cut(2 * MOST_LINES);
  }
  cut(MOST_LINES);
  if (left > 0) yield noteElement(`${left} lines before are left out here, the download has them.`);
  yield kept.map(lineElement).join('');
}
