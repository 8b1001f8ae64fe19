import { parseStanzas } from '../registry/deb822';
import { buildDependencies, mentionedPackages, parseControl } from './control';

const control = (architectures: string[], source = 'hello') =>
  `Source: ${source}\n\n${architectures.map((name, i) => `Package: p${i}\nArchitecture: ${name}\n`).join('\n')}`;

describe('parseControl', () => {
  it('takes a source for independent only when all its packages are', () => {
    expect(parseControl(control(['all', 'all']), 'hello').independent).toBe(true);
    expect(parseControl(control(['all', 'any']), 'hello').independent).toBe(false);
  });

  it.each([
    [control(['any'], 'other'), 'Source is "other", but the artifact is named "hello"'],
    ['Package: p\nArchitecture: any\n', 'the first paragraph has no field Source'],
    [control([]), 'it declares no binary package'],
    ['Source: hello\n\nPackage: p\n', 'binary package p has no field Architecture'],
    ['Source: hello\nnonsense\n', 'not a field: "nonsense"'],
  ])('says what is wrong in %j', (text, reason) => {
    expect(() => parseControl(text, 'hello')).toThrow(`deb/control of hello: ${reason}`);
  });
});

describe('build dependencies', () => {
  const [dsc] = parseStanzas(
    `Source: x
Build-Depends: debhelper-compat (= 13),
 libb-dev   (>= 2) | liba-dev, zlib1g-dev:native <!nocheck>
Build-Depends-Indep: doxygen
Build-Conflicts: autoconf2.13
`,
  );

  it('are the same text however they are laid out', () => {
    const [other] = parseStanzas(
      'Build-Depends: libb-dev (>= 2) | liba-dev, zlib1g-dev:native <!nocheck>, debhelper-compat (= 13)\nBuild-Conflicts: autoconf2.13\n',
    );
    expect(buildDependencies(other!, false)).toEqual(buildDependencies(dsc!, false));
  });

  it('hold those of independent packages only where these are built', () => {
    expect(buildDependencies(dsc!, false).join()).not.toContain('doxygen');
    expect(buildDependencies(dsc!, true)).toContain('Build-Depends-Indep: doxygen');
  });

  it('mention alternatives and conflicts by name', () => {
    expect(mentionedPackages(buildDependencies(dsc!, true)).sort()).toEqual([
      'autoconf2.13',
      'debhelper-compat',
      'doxygen',
      'liba-dev',
      'libb-dev',
      'zlib1g-dev',
    ]);
  });
});
