import { imageChanges, splitName } from './image-format';

describe('image names', () => {
  it.each([
    ['localhost/fatbuildr/dev/deb:latest', 'localhost/fatbuildr/dev/deb', 'latest'],
    ['registry.example.org:5000/base', 'registry.example.org:5000/base', 'latest'],
    ['registry.example.org:5000/base:12', 'registry.example.org:5000/base', '12'],
  ])('splits %s', (name, repository, tag) => {
    expect(splitName(name)).toEqual({ repository, tag });
  });
});

describe('imageChanges', () => {
  it('writes labels and variables as instructions', () => {
    expect(
      imageChanges({ name: 'x', labels: { a: 'b c' }, environment: { LC_ALL: 'C.UTF-8' } }),
    ).toEqual(['LABEL a="b c"', 'ENV LC_ALL="C.UTF-8"']);
  });

  it('lets nothing in that could become an instruction of its own', () => {
    expect(() => imageChanges({ name: 'x', labels: { a: 'b"\nRUN evil' } })).toThrow(RangeError);
  });
});
