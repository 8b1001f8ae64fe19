/** Node's names of the architectures that are called otherwise by the kernel and by us. */
const NODE_NAMES: Readonly<Record<string, string>> = {
  x64: 'x86_64',
  arm64: 'aarch64',
  ia32: 'i686',
  arm: 'armv7l',
  ppc64: 'ppc64le',
  loong64: 'loongarch64',
};

/** The architecture of this host under its normalized name, for example `x86_64`. */
export function hostArchitecture(nodeName: string = process.arch): string {
  return NODE_NAMES[nodeName] ?? nodeName;
}
