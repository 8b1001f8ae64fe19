import { logEvents } from './log-events';
import type { LogPart } from './task-logs';

const line = (number: number) => ({ number, html: `line ${number}`, kind: 'output' as const });

async function events(parts: LogPart[], after = 0): Promise<string[]> {
  const source = (async function* () {
    yield* parts;
  })();
  const texts: string[] = [];
  for await (const text of logEvents(source, after, async () => 'Task failed')) texts.push(text);
  return texts;
}

describe('the events of a log', () => {
  it('carry new lines under the number of the last, and end with a sentence', async () => {
    const [hello, lines, end, ...more] = await events([{ lines: [line(1), line(2)], pending: '' }]);
    expect(hello).toBe(':\n\n');
    expect(lines).toMatch(/^event: lines\nid: 2\ndata: <div .*line 1.*line 2.*<\/div>\n\n$/);
    expect(end).toBe('event: end\ndata: Task failed\n\n');
    expect(more).toEqual([]);
  });

  it('go on after the line a reader has', async () => {
    const texts = await events([{ lines: [line(1), line(2), line(3)], pending: '' }], 2);
    expect(texts.join('')).not.toContain('line 2');
    expect(texts.join('')).toContain('line 3');
  });

  it('show a line that is not complete when it changes', async () => {
    const texts = await events([
      { lines: [], pending: '10%' },
      { lines: [], pending: '10%' },
      { lines: [], pending: '20%' },
    ]);
    expect(texts.join('').match(/^data: .*%$/gm)).toEqual(['data: 10%', 'data: 20%']);
  });
});
