import { hostArchitecture } from './architecture';

describe('hostArchitecture', () => {
  it.each([
    ['x64', 'x86_64'],
    ['arm64', 'aarch64'],
    ['ppc64', 'ppc64le'],
    ['riscv64', 'riscv64'],
  ])('calls %s %s', (node, ours) => {
    expect(hostArchitecture(node)).toBe(ours);
  });
});
