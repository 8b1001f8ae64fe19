import type { LogPart } from './task-logs';

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
};

/** A log as plain text, without colours. */
export async function* plainText(parts: AsyncIterable<LogPart>): AsyncGenerator<string> {
  for await (const { lines } of parts) {
    yield lines.map(({ html }) => `${textOf(html)}\n`).join('');
  }
}

/** The text that was escaped for a line: spans are all the markup it can have. */
export function textOf(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity]!);
}
