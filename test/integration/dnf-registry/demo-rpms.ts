import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '@fatbuildr/processes';

export interface DemoRpms {
  source: string;
  binary: string;
  noarch: string;
  files: string[];
}

/** A real source package `libdemo` and its two binaries, one for every machine, made by rpmbuild. */
export async function buildDemoRpms(
  folder: string,
  { version, greeting = 'hello' }: { version: string; greeting?: string },
): Promise<DemoRpms> {
  const [upstream = '', release = ''] = version.split('-');
  const files = await buildRpms(
    folder,
    `Name: libdemo
Version: ${upstream}
Release: ${release}
Summary: Says ${greeting}
License: GPL-3.0-or-later
AutoReqProv: no
%description
Says ${greeting} to everyone who listens
%package -n demo
Summary: The program
Requires: demo-data = %{version}-%{release}
%description -n demo
The program
%package -n demo-data
Summary: What it says
BuildArch: noarch
%description -n demo-data
What it says
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/usr/share/demo
echo 'echo ${greeting}' > %{buildroot}/usr/bin/demo
ln -s demo %{buildroot}/usr/bin/demo-link
echo '${greeting}' > %{buildroot}/usr/share/demo/text
%files -n demo
%attr(0755,root,root) /usr/bin/demo
/usr/bin/demo-link
%files -n demo-data
/usr/share/demo
%changelog
* Thu Jan 01 2026 Ada Lovelace <ada@acme.example> - ${version}
- Say ${greeting}
  and mean it
- Package for Ångström
* Wed Dec 31 2025 Ada Lovelace <ada@acme.example> - 0.9-1
- First release
`,
  );
  const ending = (end: string) => files.find((file) => file.endsWith(end)) ?? '';
  const source = ending('.src.rpm');
  const noarch = ending('.noarch.rpm');
  const binary = files.find((file) => file !== source && file !== noarch) ?? '';
  return { source, binary, noarch, files };
}

/** All that an index tells of a package, in one: relations of every kind, files of every type, odd texts. */
export function buildRichRpms(folder: string): Promise<string[]> {
  const entries = Array.from(
    { length: 14 },
    (_, at) =>
      // Two entries of each day, the newest first.
      `* ${new Date(Date.UTC(2026, 0, 20 - Math.floor(at / 2), 12)).toDateString()} ` +
      `Ada & Co. <ada@acme.example> - 2:1.0~rc${20 - at}-1\n- Change ${at} <with> "marks" & ends\n`,
  );
  return buildRpms(
    folder,
    `Name: rich
Epoch: 2
Version: 1.0~rc20
Release: 1
Summary: Everything & more <than> "that"
License: GPL-3.0-or-later
URL: https://acme.example/?a=1&b=2
Vendor: ACME
Packager: Ada Lovelace <ada@acme.example>
Group: Development/Tools
Requires: /usr/bin/rich-tool, /usr/share/rich/data, other >= 1:2.0-3, other < 4
Requires: twice, twice, virtual(rich), virtual(rich) = 3.1, bare
Requires(pre): before
Requires(post): twice
Requires: ((one or another) if third)
Provides: virtual(rich) = 3.1, bare
Conflicts: enemy <= 0:5
Obsoletes: ancestor < 2
Recommends: friend > 1
Suggests: idea
Supplements: (big and small)
Enhances: better = 1.0-1
%global debug_package %{nil}
%description
First line

  <indented> & last line
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/etc/rich.d %{buildroot}/usr/share/rich %{buildroot}/var/log
cp /bin/ls %{buildroot}/usr/bin/rich-tool
echo a=b > %{buildroot}/etc/rich.d/rich.conf
echo x > '%{buildroot}/usr/share/rich/data'
echo x > '%{buildroot}/usr/share/rich/a & b'
touch %{buildroot}/var/log/rich.log
%post
true
%files
%attr(0755,root,root) /usr/bin/rich-tool
%dir /etc/rich.d
%config /etc/rich.d/rich.conf
/usr/share/rich
%ghost /var/log/rich.log
%changelog
${entries.join('')}`,
  );
}

/** Packages of nothing but their names, for registries of many. */
export function buildTinyRpms(folder: string, names: readonly string[]): Promise<string[]> {
  const [first = '', ...others] = names;
  const subpackages = others.map(
    (name) =>
      `%package -n ${name}\nSummary: one of many\n%description -n ${name}\nOne\n%files -n ${name}\n`,
  );
  return buildRpms(
    folder,
    `Name: ${first}
Version: 1.0
Release: 1
Summary: one of many
License: MIT
%description
One
${subpackages.join('')}%files
`,
  );
}

/** @returns the packages rpmbuild made, sorted */
async function buildRpms(folder: string, spec: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'demo.spec'), spec);
  const definitions = {
    _topdir: folder,
    _dbpath: join(folder, 'db'),
    _tmppath: join(folder, 'tmp'),
    _rpmfilename: '%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm',
    _buildhost: 'builder.acme.example',
  };
  const options = Object.entries(definitions).flatMap(([key, value]) => [
    '--define',
    `${key} ${value}`,
  ]);
  await run(['rpmbuild', '-ba', '--quiet', ...options, join(folder, 'demo.spec')]);
  const files: string[] = [];
  for (const kind of ['RPMS', 'SRPMS']) {
    for (const name of await readdir(join(folder, kind))) files.push(join(folder, kind, name));
  }
  return files.sort();
}
