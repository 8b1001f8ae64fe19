import { mkosiCommand, parseMkosiVersion, takesNoOtherName, type ImageRequest } from './mkosi';

const REQUEST: ImageRequest = {
  definition: 'demo.mkosi',
  id: 'demo',
  version: '1.0-0',
  architecture: 'x86_64',
  mirror: 'http://mirror.example/debian',
  output: '/build/output/demo',
  workspace: '/build/workspace',
};

describe('the version of mkosi', () => {
  it.each([
    ['mkosi 14\n', 14],
    ['mkosi 25.3\n', 25],
    ['mkosi 26~devel\n', 26],
  ])('is read of %j', (printed, major) => {
    expect(parseMkosiVersion(printed)).toBe(major);
  });

  it.each(['mkosi 13\n', 'bash: mkosi: command not found\n', ''])('is refused in %j', (printed) => {
    expect(() => parseMkosiVersion(printed)).toThrow(/mkosi 14 or newer/);
  });
});

describe('the command', () => {
  it('is that of mkosi 14, which reads the definition by its name', () => {
    expect(takesNoOtherName(14)).toBe(false);
    expect(mkosiCommand(14, REQUEST)).toEqual([
      'mkosi',
      '--config=demo.mkosi',
      '--nspawn-keep-unit=yes',
      '--architecture=x86_64',
      '--image-id=demo',
      '--image-version=1.0-0',
      '--mirror=http://mirror.example/debian',
      '--output-dir=/build/output/demo',
      '--workspace-dir=/build/workspace',
      '--checksum=no',
      '--sign=no',
      'build',
    ]);
  });

  it('is that of mkosi 25, which reads mkosi.conf and must be asked for a manifest', () => {
    expect(takesNoOtherName(25)).toBe(true);
    expect(mkosiCommand(25, { ...REQUEST, mirror: undefined })).toEqual([
      'mkosi',
      '--manifest-format=json',
      '--architecture=x86-64',
      '--image-id=demo',
      '--image-version=1.0-0',
      '--output-dir=/build/output/demo',
      '--workspace-dir=/build/workspace',
      '--checksum=no',
      '--sign=no',
      'build',
    ]);
  });

  it.each([
    [14, 'aarch64', 'aarch64'],
    [14, 'i686', 'x86'],
    [25, 'aarch64', 'arm64'],
    [25, 'ppc64le', 'ppc64-le'],
    [25, 'riscv64', 'riscv64'],
  ])('of mkosi %d names the architecture %s %s', (mkosi, architecture, name) => {
    expect(mkosiCommand(mkosi, { ...REQUEST, architecture })).toContain(`--architecture=${name}`);
  });
});
