import type { Artifact } from '@fatbuildr/protocol';
import { chooseDeletions, chooseOne, containing } from './registry-selection';

const artifact = (name: string, architecture: string): Artifact => ({
  name,
  architecture,
  version: '1.0-1',
  size: 10,
});

const ARTIFACTS = [
  artifact('hello', 'src'),
  artifact('hello', 'x86_64'),
  artifact('hello-dbgsym', 'x86_64'),
  artifact('othello', 'noarch'),
];
const SOURCE_OF: Readonly<Record<string, string>> = {
  hello: 'hello',
  'hello-dbgsym': 'hello',
  othello: 'othello',
};
const place = { format: 'deb', distribution: 'bookworm', derivative: 'main' };

const client = {
  artifacts: () => Promise.resolve(ARTIFACTS),
  artifactBinaries: (_: unknown, source: string) =>
    Promise.resolve(
      ARTIFACTS.filter(
        ({ name, architecture }) => architecture !== 'src' && SOURCE_OF[name] === source,
      ),
    ),
  artifactSource: (_: unknown, binary: string) =>
    Promise.resolve(artifact(SOURCE_OF[binary] ?? '', 'src')),
};

describe('containing', () => {
  it('looks for the text anywhere in the name', () => {
    expect(containing(ARTIFACTS, 'dbg').map(({ name }) => name)).toEqual(['hello-dbgsym']);
    expect(containing(ARTIFACTS, undefined)).toHaveLength(4);
  });
});

describe('chooseDeletions', () => {
  const chosen = async (text: string) =>
    (await chooseDeletions(client, place, text)).map(
      ({ artifact: { name, architecture }, along }) => [
        `${name} ${architecture}`,
        along.map((other) => `${other.name} ${other.architecture}`),
      ],
    );

  it('takes an exact name for itself and leaves binaries to the deletion of their source', async () => {
    await expect(chosen('hello')).resolves.toEqual([
      ['hello src', ['hello x86_64', 'hello-dbgsym x86_64']],
    ]);
  });

  it('takes every name that contains the text otherwise', async () => {
    await expect(chosen('dbgsym')).resolves.toEqual([['hello-dbgsym x86_64', []]]);
    await expect(chosen('ello')).resolves.toEqual([
      ['hello src', ['hello x86_64', 'hello-dbgsym x86_64']],
      ['othello noarch', []],
    ]);
  });

  it('says what there is when nothing matches', async () => {
    await expect(chosen('absent')).rejects.toThrow(
      'no artifact "absent" in registry deb bookworm main; it has: hello, hello-dbgsym, othello',
    );
  });
});

describe('chooseOne', () => {
  it('prefers source or binary, unless an architecture is named', () => {
    const choose = (architecture: string | undefined, prefers: 'source' | 'binary') =>
      chooseOne(ARTIFACTS, place, 'hello', architecture, prefers).architecture;
    expect(choose(undefined, 'source')).toBe('src');
    expect(choose(undefined, 'binary')).toBe('x86_64');
    expect(choose('x86_64', 'source')).toBe('x86_64');
    expect(() => choose('aarch64', 'source')).toThrow('it has: src, x86_64');
  });
});
