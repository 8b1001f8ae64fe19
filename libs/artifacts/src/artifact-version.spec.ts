import { ArtifactVersion } from './artifact-version';

describe('ArtifactVersion', () => {
  it.each([
    ['1.2-3.deb12+build1', '1.2', '1', '3', 'deb12', 1],
    ['1.2-3', '1.2', '1', '3', undefined, undefined],
    ['2.10-10.deb13', '2.10', '2', '10', 'deb13', undefined],
    ['1.2-3.1.deb12', '1.2', '1', '3.1', 'deb12', undefined],
    ['1.2-3.1', '1.2', '1', '3.1', undefined, undefined],
    ['1.2-1~exp1.deb12', '1.2', '1', '1~exp1', 'deb12', undefined],
    ['2~rc1-1', '2~rc1', '2', '1', undefined, undefined],
    ['1.0+dfsg-1.deb12', '1.0+dfsg', '1', '1', 'deb12', undefined],
    ['1.0-rc1-2', '1.0-rc1', '1', '2', undefined, undefined],
    ['1:2.0-1.deb12+build12', '1:2.0', '2', '1', 'deb12', 12],
  ])('reads %s', (text, main, major, release, dist, build) => {
    const version = ArtifactVersion.parse(text);
    expect(version).toMatchObject({ main, major, release, dist, build, full: text });
  });

  it('tells a known tag from a release with dots', () => {
    expect(ArtifactVersion.parse('1.0-0.1.rc2', 'el9')).toMatchObject({
      release: '0.1.rc2',
      dist: undefined,
    });
    expect(ArtifactVersion.parse('1.0-0.1.rc2.el9_4.x', 'el9_4.x')).toMatchObject({
      release: '0.1.rc2',
      dist: 'el9_4.x',
    });
  });

  it('separates the epoch from what file names carry', () => {
    const version = ArtifactVersion.parse('1:2.0~rc1-1');
    expect([version.epoch, version.upstream]).toEqual([1, '2.0~rc1']);
    expect(ArtifactVersion.parse('2.0-1').epoch).toBeUndefined();
  });

  it('ignores the build number in equality, and nothing else', () => {
    const version = ArtifactVersion.parse('1.2-3.deb12');
    expect(version.equals(ArtifactVersion.parse('1.2-3.deb12+build4'))).toBe(true);
    expect(version.equals(ArtifactVersion.parse('1.2-3.deb13'))).toBe(false);
    expect(version.equals(ArtifactVersion.parse('1.2-4.deb12'))).toBe(false);
    expect(version.equals(ArtifactVersion.parse('1.20-3.deb12'))).toBe(false);
  });

  it('counts an absent build number as 0 and goes above the highest', () => {
    const version = ArtifactVersion.of({ main: '1.2', release: '3', dist: 'deb12' });
    const parse = (text: string) => ArtifactVersion.parse(text, 'deb12');
    expect(version.nextBuild(undefined).full).toBe('1.2-3.deb12');
    expect(version.nextBuild([parse('1.1-9.deb12+build7')]).full).toBe('1.2-3.deb12');
    expect(version.nextBuild([parse('1.2-3.deb12')]).full).toBe('1.2-3.deb12+build1');
    expect(
      version.nextBuild([parse('1.2-3.deb12+build9'), parse('1.2-3.deb12+build10')]).full,
    ).toBe('1.2-3.deb12+build11');
  });

  it.each(['', '1.2', '-1', '1.2-', 'a b-1', '../x-1', '1/2-1', ':1-1'])(
    'refuses %j with a reason',
    (text) => {
      expect(() => ArtifactVersion.parse(text)).toThrow(/is no version: /);
    },
  );

  it('refuses a release that would be read as a build number', () => {
    expect(() => ArtifactVersion.of({ main: '1', release: '1+build2' })).toThrow(/\+build/);
  });

  it('gives templates text only', () => {
    expect(ArtifactVersion.parse('1.2-3').forTemplates()).toEqual({
      main: '1.2',
      major: '1',
      release: '3',
      dist: '',
      full: '1.2-3',
      fullrelease: '3',
    });
  });
});
