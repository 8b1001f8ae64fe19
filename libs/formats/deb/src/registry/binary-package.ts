import { gunzipSync } from 'node:zlib';
import { walkTar, type UnpackLimits } from '@fatbuildr/artifacts';
import type { ChangelogEntry, ContentMember } from '@fatbuildr/protocol';
import type { Header } from 'tar-stream';
import { listArMembers, type ArMember } from './ar';
import { damagedPackage, unreadablePackage } from './deb.errors';
import { parseStanzas, type Stanza } from './deb822';
import { parseDebianChangelog } from './debian-changelog';
import { requireFile } from './regular-file';

/** What is read of a .deb (deb(5)). */
export interface BinaryPackage {
  control: Stanza;
  content: ContentMember[];
  /** Newest first; empty when the package carries none of its own. */
  changelog: ChangelogEntry[];
}

/** Bytes: control archives and changelogs are small, whatever the limits on packages are. */
const LARGEST_CONTROL = 16 * 1024 * 1024;
export const LARGEST_CHANGELOG = 8 * 1024 * 1024;

const TYPES: Readonly<Partial<Record<Header['type'], ContentMember['type']>>> = {
  file: 'f',
  'contiguous-file': 'f',
  directory: 'd',
  symlink: 'l',
  link: 'l',
};

/** @throws FatbuildrError `DEB.DAMAGED_PACKAGE` */
export async function readBinaryPackage(
  path: string,
  limits: UnpackLimits,
): Promise<BinaryPackage> {
  try {
    await requireFile(path);
    const members = await listArMembers(path);
    const control = await readControl(path, members);
    const name = control.get('Package') ?? '';
    return { control, ...(await readData(path, members, name, limits)) };
  } catch (fault) {
    throw unreadablePackage(path, fault);
  }
}

function member(path: string, members: readonly ArMember[], prefix: string) {
  const found = members.find(({ name }) => name === prefix || name.startsWith(`${prefix}.`));
  if (found === undefined) throw damagedPackage(path, `it has no member ${prefix}`);
  return { path, ...found };
}

async function readControl(path: string, members: readonly ArMember[]): Promise<Stanza> {
  let text: string | undefined;
  await walkTar(
    member(path, members, 'control.tar'),
    { maxUnpacked: LARGEST_CONTROL, maxEntries: 10_000 },
    ({ name }) => packagePath(name) === '/control',
    (_header, data) => {
      text = data.toString('utf8');
    },
  );
  const [control, ...more] = text === undefined ? [] : parseStanzas(text);
  if (control === undefined || more.length > 0) {
    throw damagedPackage(path, 'its control file does not hold exactly one paragraph');
  }
  return control;
}

async function readData(
  path: string,
  members: readonly ArMember[],
  name: string,
  limits: UnpackLimits,
): Promise<Pick<BinaryPackage, 'content' | 'changelog'>> {
  const content: ContentMember[] = [];
  const changelogs = new Map<string, Buffer>();
  const documentation = `/usr/share/doc/${name}/`;
  // Debian Policy 12.7: native packages name it changelog, others changelog.Debian.
  const candidates = ['changelog.Debian.gz', 'changelog.Debian', 'changelog.gz', 'changelog'].map(
    (file) => documentation + file,
  );
  await walkTar(
    member(path, members, 'data.tar'),
    limits,
    (header) => {
      const type = header.type ? TYPES[header.type] : undefined;
      const file = packagePath(header.name);
      const size = header.size ?? 0;
      if (type !== undefined && file !== '/') {
        content.push({ path: file, type, size: type === 'f' ? size : 0 });
      }
      return type === 'f' && size <= LARGEST_CHANGELOG && candidates.includes(file);
    },
    (header, data) => changelogs.set(packagePath(header.name), data),
  );
  const found = candidates.find((file) => changelogs.has(file));
  const changelog = found === undefined ? [] : readChangelog(found, changelogs.get(found));
  return { content, changelog };
}

/** A changelog that cannot be read is no reason to refuse a package that apt installs. */
function readChangelog(name: string, data: Buffer = Buffer.alloc(0)): ChangelogEntry[] {
  try {
    const plain = name.endsWith('.gz')
      ? gunzipSync(data, { maxOutputLength: LARGEST_CHANGELOG })
      : data;
    return parseDebianChangelog(plain.toString('utf8'));
  } catch {
    return [];
  }
}

/** `./usr/bin/` → `/usr/bin` */
function packagePath(name: string): string {
  return `/${name.replace(/^\.?\/+/, '').replace(/\/+$/, '')}`.replace(/^\/\.$/, '/');
}
