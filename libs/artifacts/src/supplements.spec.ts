import { linkPatch, placeSupplements } from './supplements';

const source = (id: string, file: string) => ({ id, version: '1', archive: `/cache/${file}` });

describe('placeSupplements', () => {
  it('names folders after the archives, but none for the main source', () => {
    const placed = placeSupplements([
      source('main', 'main-1.tar.gz'),
      source('bar', 'bar-baz_4.5.6.zip'),
      source('qux', 'qux-1.0.tar.xz'),
    ]);
    expect(placed.map(({ folder }) => folder)).toEqual([undefined, 'bar-baz456', 'qux-10']);
  });

  it('refuses archives without a name, and two of one name', () => {
    expect(() => placeSupplements([source('a', 'a.zip'), source('b', '_.zip')])).toThrow(
      'source "b": its archive _.zip gives its folder in the tree no usable name: nothing is left',
    );
    expect(() =>
      placeSupplements([source('a', 'a.zip'), source('b', 'x_1.zip'), source('c', 'x1.tar.gz')]),
    ).toThrow('source "b" has the folder x1 already');
  });
});

describe('linkPatch', () => {
  it('links ids to folders, where they differ', () => {
    const patch = linkPatch([
      source('main', 'main-1.tar.gz'),
      { ...source('bar', 'bar-1.zip'), folder: 'bar-1' },
      { ...source('qux', 'qux.zip'), folder: 'qux' },
    ]);
    expect(patch?.content.toString()).toContain(
      'diff --git a/bar b/bar\nnew file mode 120000\n--- /dev/null\n+++ b/bar\n@@ -0,0 +1 @@\n+bar-1\n\\ No',
    );
    expect(patch?.content.toString()).not.toContain('qux');
    expect(linkPatch([source('main', 'main-1.tar.gz')])).toBeUndefined();
  });
});
