import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostArchitecture } from '@fatbuildr/config';
import type { ArgumentVector, ContainerEngine } from '@fatbuildr/containers';

/**
 * No mirror of an RPM distribution can be relied on, so one is made of what the mirror of Debian carries: a
 * package per deb of a small root with a compiler, dependencies and all, by one spec.
 */

/** What environments and builds ask for; all they depend on comes along. */
const ROOTS = [
  ...['base-files', 'base-passwd', 'bash', 'bzip2', 'coreutils', 'cpio', 'dash', 'diffutils'],
  ...['dnf', 'dnf-plugins-core', 'findutils', 'gcc', 'gzip', 'libc-bin', 'libc6-dev', 'make'],
  ...['mawk', 'grep', 'patch', 'passwd', 'login', 'rpm', 'sed', 'tar', 'util-linux', 'debianutils'],
  ...['unzip', 'xz-utils', 'gpgv', 'hostname', 'mount'],
  ...['autoconf', 'automake', 'libfile-next-perl', 'perl', 'pkgconf'],
];

/** What no package of Debian says it depends on. */
const ESSENTIAL = [
  'base-files',
  'base-passwd',
  'bash',
  'coreutils',
  'dash',
  'libc-bin',
  'mawk',
  'sed',
];

/** What these only recommend in Debian, but need in every RPM distribution. */
const RECOMMENDED: Readonly<Record<string, string>> = { gcc: 'libc6-dev' };

/** The names that RPM distributions have for what these packages hold. */
const KNOWN_AS: Readonly<Record<string, readonly string[]>> = {
  'xz-utils': ['xz'],
  debianutils: ['which'],
  'dnf-plugins-core': ['dnf-command(builddep)'],
  libc6: ['rtld(GNU_HASH)'],
  'libc6-dev': ['glibc-devel'],
  'dpkg-dev': ['redhat-rpm-config'],
  mawk: ['gawk'],
  passwd: ['shadow-utils'],
  rpm: ['rpm-build', 'redhat-rpm-config'],
};

/** What nobody reads in a container. */
const LEFT_OUT = /^\/usr\/share\/(?:doc|info|locale|man|lintian)\/|\.py[co]$/;
/** Folders of the container alone, and those of what is left out. */
const NO_FOLDERS =
  /^\/(?:$|(?:proc|sys|dev|root|media|mnt|tmp)\/|output|usr\/share\/(?:doc|man|info|locale|lintian)\b)/;
/** Folders that are links since all programs are below /usr. */
const MERGED = /^\/(bin|sbin|lib|lib32|lib64|libx32)(?=\/)/;

interface Deb {
  name: string;
  version: string;
  depends: string;
  provides: string;
}

const FIELDS = '${binary:Package}\\t${Version}\\t${Pre-Depends}, ${Depends}\\t${Provides}\\n';

/** A module with two streams, of which `dnf` takes neither unless one is enabled (Modularity, modulemd). */
export const MODULE = { name: 'greeter', streams: ['1', '2'] } as const;

const modulePackage = (stream: string) => `Name: ${MODULE.name}
Version: ${stream}
Release: 1
Summary: Of a module
License: MIT
BuildArch: noarch
ModularityLabel: ${MODULE.name}:${stream}:1:c0ffee
%description
A package of a module.
%install
install -d %{buildroot}/usr/share/${MODULE.name}
echo ${stream} > %{buildroot}/usr/share/${MODULE.name}/stream
%files
/usr/share/${MODULE.name}
`;

const moduleDocument = (stream: string, architecture: string) => `---
document: modulemd
version: 2
data:
  name: ${MODULE.name}
  stream: "${stream}"
  version: 1
  context: c0ffee
  arch: ${architecture}
  summary: For tests
  description: For tests
  license: { module: [MIT] }
  artifacts: { rpms: ["${MODULE.name}-0:${stream}-1.noarch"] }
...
`;

/** Signs all packages with the first of two keys, and leaves both. */
const SIGN = `
for name in distribution stranger; do
  gpg --batch --quiet --passphrase '' --quick-generate-key "$name" ed25519 sign never
  install -d "/output/keys/$name"
  gpg --armor --output "/output/keys/$name/$name.asc" --export "$name"
done
find /output/repository -name '*.rpm' -exec rpmsign --define '_gpg_name distribution' \\
  --define '__gpg /usr/bin/gpg' --addsign {} +
`;

/**
 * Makes the distribution in a container of the rpm format image.
 *
 * @param folder receives `repository/`, with packages that are signed with the key in `keys/distribution/`, and
 *   a key in `keys/stranger/`; absolute path
 */
export async function makeRpmDistribution(
  engine: ContainerEngine,
  image: string,
  folder: string,
): Promise<void> {
  await mkdir(join(folder, 'lists'), { recursive: true });
  const container = await engine.start({
    image,
    owner: { instance: 'distribution', task: 'distribution' },
    network: 'host',
    privileged: true,
    mounts: [{ source: folder, target: '/output' }],
  });
  let printed = '';
  const execute = async (...argv: ArgumentVector) => {
    printed = '';
    const status = await container.exec(
      { argv, environment: { DEBIAN_FRONTEND: 'noninteractive' } },
      { output: (chunk) => (printed += chunk.toString('utf8')) },
    );
    if (status !== 0) throw new Error(`${argv.join(' ')}: status ${status}\n${printed}`);
    return printed;
  };
  try {
    await execute('apt-get', '--quiet', 'update');
    await execute(
      ...['apt-get', '--quiet', '--yes', '--no-install-recommends', 'install'],
      ...['gcc', 'libc6-dev', 'make', 'cpio', 'unzip', 'patch', 'xz-utils'],
      ...['autoconf', 'automake', 'libfile-next-perl', 'perl', 'pkgconf'],
    );
    const debs = parseDebs(await execute('dpkg-query', '--show', `--showformat=${FIELDS}`));
    await execute('sh', '-c', 'cp /var/lib/dpkg/info/*.list /output/lists/');
    await execute(
      ...['sh', '-c', "find / -xdev -path /output -prune -o -printf '%y %p\\n' > /output/tree"],
    );
    const paths = (await readFile(join(folder, 'tree'), 'utf8')).split('\n').filter(Boolean);
    await writeSpec(
      folder,
      closureOf(debs),
      new Map(paths.map((line) => [line.slice(2), line[0]!])),
    );
    await execute('rpmbuild', '-bb', '--quiet', '/output/distribution.spec');
    for (const stream of MODULE.streams) {
      await writeFile(join(folder, 'module.spec'), modulePackage(stream));
      await execute(
        ...(['rpmbuild', '-bb', '--quiet'] as const),
        ...['--define', '_rpmdir /output/repository', '/output/module.spec'],
      );
    }
    await execute('sh', '-euc', SIGN);
    await execute('createrepo_c', '--quiet', '--no-database', '/output/repository');
    const documents = MODULE.streams.map((stream) => moduleDocument(stream, hostArchitecture()));
    await writeFile(join(folder, 'modules.yaml'), documents.join(''));
    await execute('modifyrepo_c', '/output/modules.yaml', '/output/repository/repodata');
  } finally {
    await container.remove();
  }
}

function parseDebs(printed: string): Deb[] {
  return printed.split('\n').flatMap((line) => {
    const [name, version, depends, provides] = line.split('\t');
    if (name === undefined || version === undefined) return [];
    return [
      { name: name.replace(/:.*/, ''), version, depends: depends ?? '', provides: provides ?? '' },
    ];
  });
}

/** The names in a field of relations; of alternatives the first that is there. */
function namesIn(field: string, known: (name: string) => boolean = () => true): string[] {
  return field.split(',').flatMap((relation) => {
    const names = relation.split('|').map((one) => one.trim().replace(/[\s:(].*/, ''));
    return names.find((name) => name !== '' && known(name)) ?? [];
  });
}

function closureOf(debs: readonly Deb[]): Map<Deb, Deb[]> {
  const byName = new Map<string, Deb>();
  for (const deb of debs) for (const name of namesIn(deb.provides)) byName.set(name, deb);
  for (const deb of debs) byName.set(deb.name, deb);
  const closure = new Map<Deb, Deb[]>();
  const visit = (deb: Deb | undefined) => {
    if (deb === undefined || closure.has(deb)) return;
    const needed = namesIn(`${deb.depends}, ${RECOMMENDED[deb.name] ?? ''}`, (name) =>
      byName.has(name),
    ).map((name) => byName.get(name)!);
    closure.set(deb, needed);
    needed.forEach(visit);
  };
  for (const name of ROOTS) visit(byName.get(name));
  return closure;
}

/** @param tree path → kind, as find prints it: `f`, `l`, `d` */
async function writeSpec(
  folder: string,
  closure: ReadonlyMap<Deb, readonly Deb[]>,
  tree: ReadonlyMap<string, string>,
): Promise<void> {
  const lists = await readdir(join(folder, 'lists'));
  const taken = new Set<string>();
  const sections: string[] = [];
  for (const [deb, needed] of closure) {
    const list =
      lists.find((name) => name === `${deb.name}.list`) ??
      lists.find((name) => name.startsWith(`${deb.name}:`));
    const listed = (await readFile(join(folder, 'lists', list!), 'utf8')).split('\n');
    const links: string[] = [];
    const files = listed.flatMap((path) => {
      const real = path.replace(MERGED, '/usr/$1');
      const kind = tree.get(real);
      if (kind === undefined || kind === 'd' || LEFT_OUT.test(real) || taken.has(real)) return [];
      if (/^\/s?bin\//.test(path)) links.push(path);
      taken.add(real);
      return [real];
    });
    const [, epoch, upstream = '', revision = '1'] = /^(?:(\d+):)?(.*?)(?:-([^-]*))?$/.exec(
      deb.version,
    )!;
    sections.push(
      section(deb.name, files, [
        // Names of shared libraries, by which rpm finds what programs are linked with.
        ...(/^lib/.test(deb.name) ? [] : ['AutoProv: no']),
        ...(epoch === undefined ? [] : [`Epoch: ${epoch}`]),
        `Version: ${upstream.replaceAll('-', '.')}`,
        `Release: ${revision}`,
        ...needed.map(({ name }) => `Requires: ${name}`),
        'Requires: filesystem',
        ...[...namesIn(deb.provides), ...links, ...(KNOWN_AS[deb.name] ?? [])].map(
          (name) => `Provides: ${name}`,
        ),
      ]),
    );
  }
  // What the scripts of the packages left: accounts, alternatives, the cache of the linker.
  const rest = [...tree].flatMap(([path, kind]) => {
    if (taken.has(path) || LEFT_OUT.test(path)) return [];
    if (kind === 'd') {
      return NO_FOLDERS.test(path) ? [] : [`%dir "${path}"`];
    }
    if (kind === 'l' && /^\/(?:bin|sbin|lib\w*|usr\/s?bin\/.*)$/.test(path)) return [path];
    return /^\/etc\/(?!apt|dpkg|hosts|resolv|hostname|mtab)/.test(path) && kind !== 's'
      ? [path]
      : [];
  });
  sections.push(
    section(
      'filesystem',
      [...rest, '/usr/lib/rpm/macros.d/macros.distribution'],
      [
        'Version: 1',
        'Release: 1',
        'Provides: system-release = 1',
        'Provides: system-release(releasever) = 1',
        'Provides: info',
        ...ESSENTIAL.map((name) => `Requires: ${name}`),
      ],
    ),
  );
  const archived = [...taken, ...rest.map((path) => path.replace(/^%dir "(.*)"$/, '$1'))];
  await writeFile(join(folder, 'archived'), archived.map((path) => `.${path}\n`).join(''));
  await writeFile(join(folder, 'distribution.spec'), PREAMBLE + sections.join('\n'));
}

function section(name: string, files: readonly string[], tags: readonly string[]): string {
  return `%package -n ${name}
Summary: Of Debian
AutoReq: no
${tags.join('\n')}
%description -n ${name}
A package of Debian.
%files -n ${name}
${files.map((path) => (path.startsWith('%') ? path : `"${path}"`)).join('\n')}
`;
}

/** Debian keeps the database of rpm in the home of whoever calls it. */
const PREAMBLE = `%global debug_package %{nil}
%global __os_install_post %{nil}
%global _binary_payload w1.zstdio
%global _build_id_links none
%global _rpmdir /output/repository
Name: distribution
Summary: A distribution made of Debian
Version: 1
Release: 1
License: Various
%description
A distribution made of Debian.
%install
tar -C / --no-recursion -T /output/archived -cf - | tar -C %{buildroot} -xf -
install -d %{buildroot}/usr/lib/rpm/macros.d
echo '%%_dbpath /var/lib/rpm' > %{buildroot}/usr/lib/rpm/macros.d/macros.distribution
`;
