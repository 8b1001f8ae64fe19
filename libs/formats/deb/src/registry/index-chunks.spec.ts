import { cutChunks, touchedRegions, type ChunkText, type IndexedFragment } from './index-chunks';

const LENGTH = 10;

const fragmentOf = (name: string, version = 1): IndexedFragment => ({
  name,
  fragment: `Package: ${name}\nVersion: ${version}\n`,
});

const byName = (fragments: readonly IndexedFragment[]) =>
  [...fragments].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));

const ALL = byName(Array.from({ length: 1000 }, (_, at) => fragmentOf(`package${at}`)));

/** As the writer does it: only what lies in the touched regions is cut again. */
function changeChunks(
  chunks: readonly ChunkText[],
  next: readonly IndexedFragment[],
  names: readonly string[],
) {
  const changed: ChunkText[] = [];
  let at = 0;
  let again = 0;
  for (const { first, last, from, before } of touchedRegions(chunks, names)) {
    const within = next.filter(
      ({ name }) => (from === undefined || name >= from) && (before === undefined || name < before),
    );
    again += within.length;
    changed.push(...chunks.slice(at, first), ...cutChunks(within, LENGTH));
    at = last;
  }
  return { chunks: [...changed, ...chunks.slice(at)], again };
}

describe('cutChunks', () => {
  it('makes chunks of about the length, which follow each other to the whole text', () => {
    const chunks = cutChunks(ALL, LENGTH);
    expect(chunks.length).toBeGreaterThan(60);
    expect(chunks.length).toBeLessThan(160);
    expect(chunks.map(({ text }) => text).join('')).toBe(
      ALL.map(({ fragment }) => `${fragment}\n`).join(''),
    );
  });

  it('keeps the versions of a package together', () => {
    const versions = ALL.flatMap(({ name }) => [1, 2, 3].map((at) => fragmentOf(name, at)));
    const starts = cutChunks(versions, LENGTH).map(({ start }) => start);
    expect(starts).toEqual(cutChunks(ALL, LENGTH).map(({ start }) => start));
  });

  it('makes none of nothing', () => {
    expect(cutChunks([], LENGTH)).toEqual([]);
  });
});

describe('touchedRegions', () => {
  const chunks = cutChunks(ALL, LENGTH);
  const starts = chunks.map(({ start }) => start);

  it.each(ALL.map(({ name }) => name).filter((name, at) => at % 37 === 0 || starts.includes(name)))(
    'lead to the chunks of an index written at once when %s is removed and comes back',
    (name) => {
      const without = ALL.filter((one) => one.name !== name);
      const removed = changeChunks(chunks, without, [name]);
      expect(removed.chunks).toEqual(cutChunks(without, LENGTH));
      expect(removed.again).toBeLessThan(200);
      const back = changeChunks(removed.chunks, ALL, [name]);
      expect(back.chunks).toEqual(chunks);
      expect(back.again).toBeLessThan(200);
    },
  );

  it('lead there for many changes at once, next to each other and far away', () => {
    const gone = new Set([...starts.slice(0, 3), ...starts.slice(-3), 'package5', 'package500']);
    const coming = ['a', 'package5000', 'package77777', 'z'].map((name) => fragmentOf(name));
    const next = byName([...ALL.filter(({ name }) => !gone.has(name)), ...coming]);
    const names = [...gone, ...coming.map(({ name }) => name)];
    expect(changeChunks(chunks, next, names).chunks).toEqual(cutChunks(next, LENGTH));
    expect(changeChunks(changeChunks(chunks, next, names).chunks, ALL, names).chunks).toEqual(
      chunks,
    );
  });

  it('lead from nothing to all and back', () => {
    const names = ALL.map(({ name }) => name);
    expect(changeChunks([], ALL, names).chunks).toEqual(chunks);
    expect(changeChunks(chunks, [], names).chunks).toEqual([]);
  });

  it('are none without a change', () => {
    expect(touchedRegions(chunks, [])).toEqual([]);
  });
});
