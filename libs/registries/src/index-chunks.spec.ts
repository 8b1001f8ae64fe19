import { cutChunks, planChunks, type CutChunk, type IndexedFragment } from './index-chunks';

const LENGTH = 10;

const fragmentOf = (name: string, version = 1): IndexedFragment => ({
  name,
  fragment: `Package: ${name}\nVersion: ${version}\n`,
});

const byName = (fragments: readonly IndexedFragment[]) =>
  [...fragments].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));

const ALL = byName(Array.from({ length: 1000 }, (_, at) => fragmentOf(`package${at}`)));

/** @returns the next chunks, and how many packages were read for them */
async function changeChunks(
  chunks: readonly CutChunk[],
  next: readonly IndexedFragment[],
  names: readonly string[],
) {
  let again = 0;
  const planned = await planChunks(
    ({ from, before } = { from: undefined, before: undefined }) => {
      const within = next.filter(
        ({ name }) =>
          (from === undefined || name >= from) && (before === undefined || name < before),
      );
      again += within.length;
      return Promise.resolve(within);
    },
    LENGTH,
    { chunks, names },
  );
  return { chunks: planned.map((one) => ('kept' in one ? one.kept : one.cut)), again };
}

describe('cutChunks', () => {
  it('makes chunks of about the length, which follow each other to the whole text', () => {
    const chunks = cutChunks(ALL, LENGTH);
    expect(chunks.length).toBeGreaterThan(60);
    expect(chunks.length).toBeLessThan(160);
    expect(chunks.flatMap(({ fragments }) => fragments)).toEqual(
      ALL.map(({ fragment }) => fragment),
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

describe('planChunks', () => {
  const chunks = cutChunks(ALL, LENGTH);
  const starts = chunks.map(({ start }) => start);

  it.each(ALL.map(({ name }) => name).filter((name, at) => at % 37 === 0 || starts.includes(name)))(
    'leads to the chunks of an index written at once when %s is removed and comes back',
    async (name) => {
      const without = ALL.filter((one) => one.name !== name);
      const removed = await changeChunks(chunks, without, [name]);
      expect(removed.chunks).toEqual(cutChunks(without, LENGTH));
      expect(removed.again).toBeLessThan(200);
      const back = await changeChunks(removed.chunks, ALL, [name]);
      expect(back.chunks).toEqual(chunks);
      expect(back.again).toBeLessThan(200);
    },
  );

  it('leads there for many changes at once, next to each other and far away', async () => {
    const gone = new Set([...starts.slice(0, 3), ...starts.slice(-3), 'package5', 'package500']);
    const coming = ['a', 'package5000', 'package77777', 'z'].map((name) => fragmentOf(name));
    const next = byName([...ALL.filter(({ name }) => !gone.has(name)), ...coming]);
    const names = [...gone, ...coming.map(({ name }) => name)];
    const changed = await changeChunks(chunks, next, names);
    expect(changed.chunks).toEqual(cutChunks(next, LENGTH));
    expect((await changeChunks(changed.chunks, ALL, names)).chunks).toEqual(chunks);
  });

  it('leads from nothing to all and back', async () => {
    const names = ALL.map(({ name }) => name);
    expect((await changeChunks([], ALL, names)).chunks).toEqual(chunks);
    expect((await changeChunks(chunks, [], names)).chunks).toEqual([]);
  });

  it('reads nothing without a change', async () => {
    expect(await changeChunks(chunks, ALL, [])).toEqual({ chunks, again: 0 });
  });
});
