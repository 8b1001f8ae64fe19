import { basename } from 'node:path';
import type { UnpackLimits } from '@fatbuildr/artifacts';
import { digestFile, type PackageRecord } from '@fatbuildr/registries';
import { normalizedArchitecture } from './architectures';
import { readBinaryPackage } from './binary-package';
import { unreadablePackage } from './deb.errors';
import { Stanza } from './deb822';
import { checkNames, debFileName, dscFileName, poolFolder } from './pool-path';
import { readSourcePackage } from './source-package';

/** Fields that only we may write into an index, whatever a package says. */
const OURS = ['Filename', 'Size', 'MD5sum', 'SHA1', 'SHA256', 'SHA512', 'Status'];
/** Fields of a .dsc that `Sources` says otherwise. */
const OF_DSC = [
  'Source',
  'Files',
  'Checksums-Sha1',
  'Checksums-Sha256',
  'Checksums-Sha512',
  'Directory',
  'Package',
];

/** @throws FatbuildrError `DEB.DAMAGED_PACKAGE` */
export async function binaryRecord(
  path: string,
  component: string,
  limits: UnpackLimits,
): Promise<PackageRecord> {
  const { control, content, changelog } = await readBinaryPackage(path, limits);
  try {
    const name = required(control, 'Package');
    const version = required(control, 'Version');
    const debianName = required(control, 'Architecture');
    const { source, sourceVersion } = sourceOf(control, name, version);
    checkNames({ package: name, version, architecture: debianName, source });
    checkNames({ version: sourceVersion });
    const digests = await digestFile(path);
    const file = `${poolFolder(component, source)}/${debFileName(name, version, debianName)}`;
    const stanza = control
      .without(...OURS)
      .with(
        ['Filename', file],
        ['Size', String(digests.size)],
        ['SHA256', digests.sha256],
        ['SHA512', digests.sha512],
      );
    return {
      name,
      architecture: normalizedArchitecture(debianName),
      version,
      source,
      sourceVersion,
      changelog,
      content,
      fragment: stanza.toString(),
      files: [{ from: path, path: file, ...digests }],
    };
  } catch (fault) {
    throw unreadablePackage(path, fault);
  }
}

/** @throws FatbuildrError `DEB.DAMAGED_PACKAGE` */
export async function sourceRecord(
  path: string,
  component: string,
  limits: UnpackLimits,
): Promise<PackageRecord> {
  const { control, files, changelog } = await readSourcePackage(path, limits);
  try {
    const source = required(control, 'Source');
    const version = required(control, 'Version');
    checkNames({ source, version });
    if (basename(path) !== dscFileName(source, version)) {
      throw new Error(`its name should be ${dscFileName(source, version)}`);
    }
    const folder = poolFolder(component, source);
    const checksums = (key: 'sha256' | 'sha512') =>
      files.map((file) => `\n ${file[key]} ${file.size} ${file.name}`).join('');
    const stanza = new Stanza([
      ['Package', source],
      ...control.without(...OF_DSC).fields,
      ['Directory', folder],
      ['Checksums-Sha256', checksums('sha256')],
      ['Checksums-Sha512', checksums('sha512')],
    ]);
    return {
      name: source,
      architecture: 'src',
      version,
      source,
      sourceVersion: version,
      changelog,
      content: files.map((file) => ({ path: file.name, type: 'f', size: file.size })),
      fragment: stanza.toString(),
      files: files.map(({ from, name, size, sha256, sha512 }) => ({
        from,
        path: `${folder}/${name}`,
        size,
        sha256,
        sha512,
      })),
    };
  } catch (fault) {
    throw unreadablePackage(path, fault);
  }
}

/** `Source: name (version)`, both left out where they are the package's own (Debian Policy 5.6.1). */
function sourceOf(control: Stanza, name: string, version: string) {
  const [, source = name, sourceVersion = version] =
    /^(\S+)(?:\s+\((\S+)\))?$/.exec(control.get('Source') ?? '') ?? [];
  return { source, sourceVersion };
}

function required(control: Stanza, field: string): string {
  const value = control.get(field);
  if (value === undefined || value === '') throw new Error(`its field ${field} is missing`);
  return value;
}
