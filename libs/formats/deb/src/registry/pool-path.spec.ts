import { checkNames, debFileName, dscFileName, poolFolder } from './pool-path';

describe('poolFolder', () => {
  it.each([
    ['hello', 'pool/main/h/hello'],
    ['libdemo', 'pool/main/libd/libdemo'],
    ['lib', 'pool/main/l/lib'],
    ['0ad', 'pool/main/0/0ad'],
  ])('puts %s into %s', (source, folder) => {
    expect(poolFolder('main', source)).toBe(folder);
  });
});

it('names files without the epoch', () => {
  expect(debFileName('demo', '1:1.0-1', 'amd64')).toBe('demo_1.0-1_amd64.deb');
  expect(dscFileName('demo', '1:1.0-1')).toBe('demo_1.0-1.dsc');
});

describe('checkNames', () => {
  it('accepts what Debian allows', () => {
    expect(() =>
      checkNames({
        package: 'libstdc++6',
        source: 'gcc-12',
        version: '2:12.2.0~rc1+dfsg-14',
        architecture: 'kfreebsd-amd64',
        file: 'x_1.0.orig-extra.tar.xz',
      }),
    ).not.toThrow();
  });

  it.each([
    [{ package: '../etc' }, '"../etc" is not a valid package'],
    [{ source: 'A' }, '"A" is not a valid source'],
    [{ version: '1/../2' }, '"1/../2" is not a valid version'],
    [{ architecture: 'amd64\nX: y' }, 'is not a valid architecture'],
    [{ file: 'a/b' }, '"a/b" is not a valid file name'],
    [{ file: '..' }, '".." is not a valid file name'],
  ])('refuses %j', (names, reason) => {
    expect(() => checkNames(names)).toThrow(reason);
  });
});
