import { buildHeader, RpmHeader } from './rpm-header';
import { identify, rpmFileName } from './rpm-record';
import { TAG } from './rpm-tags';

const DEMO: Readonly<Partial<Record<number, string>>> = {
  [TAG.name]: 'demo',
  [TAG.version]: '1.0~rc1',
  [TAG.release]: '1.el9',
  [TAG.architecture]: 'x86_64',
  [TAG.sourceRpm]: 'lib-demo-1.0~rc1-1.el9.src.rpm',
};

function headerOf(texts: Readonly<Partial<Record<number, string>>>, epoch?: number): RpmHeader {
  const entries = Object.entries({ ...DEMO, ...texts })
    .filter(([, value]) => value !== undefined)
    .map(([tag, value]) => ({
      tag: Number(tag),
      type: 6,
      count: 1,
      data: Buffer.from(`${value}\0`),
    }));
  const number = Buffer.alloc(4);
  number.writeUInt32BE(epoch ?? 0);
  const epochs = epoch === undefined ? [] : [{ tag: TAG.epoch, type: 4, count: 1, data: number }];
  return new RpmHeader(buildHeader(63, [...entries, ...epochs]));
}

describe('identify', () => {
  it('knows a binary and its source', () => {
    const identity = identify(headerOf({}));
    expect(identity).toMatchObject({
      name: 'demo',
      version: '1.0~rc1-1.el9',
      architecture: 'x86_64',
      source: 'lib-demo',
      sourceVersion: '1.0~rc1-1.el9',
    });
    expect(rpmFileName(identity)).toBe('demo-1.0~rc1-1.el9.x86_64.rpm');
  });

  it('has the epoch in the version, and not in the name of the file', () => {
    const identity = identify(headerOf({}, 2));
    expect(identity).toMatchObject({
      version: '2:1.0~rc1-1.el9',
      sourceVersion: '2:1.0~rc1-1.el9',
    });
    expect(rpmFileName(identity)).toBe('demo-1.0~rc1-1.el9.x86_64.rpm');
  });

  it('knows a source by what it was not made of', () => {
    expect(identify(headerOf({ [TAG.sourceRpm]: undefined }))).toMatchObject({
      architecture: 'src',
      source: 'demo',
    });
  });

  it.each([
    ['a name that leads elsewhere', { [TAG.name]: '../../demo' }, /cannot be its name/],
    ['a hidden name', { [TAG.name]: '.demo' }, /cannot be its name/],
    ['a version of two lines', { [TAG.version]: '1\n2' }, /cannot be its version/],
    ['no release', { [TAG.release]: undefined }, /release is missing/],
    ['an architecture that leads elsewhere', { [TAG.architecture]: '..' }, /cannot be its arch/],
    ['a source that is none', { [TAG.sourceRpm]: 'demo.tar.gz' }, /not the name of a source/],
  ])('refuses %s', (_, texts, reason) => {
    expect(() => identify(headerOf(texts))).toThrow(reason);
  });
});
