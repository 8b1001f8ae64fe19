// RPMs of nothing but a name, made by rpmbuild: many at once are subpackages of one source.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../scripts/home/commands.mjs';

/** Subpackages of one source: rpmbuild takes longer for each the more there are. */
const PORTION = 1000;

/** @returns {Promise<string[]>} paths in the order of the names */
export async function buildTinyRpms({ folder, names, version, signal }) {
  const work = join(folder, 'work');
  const files = [];
  for (let first = 0; first < names.length; first += PORTION) {
    const portion = names.slice(first, first + PORTION);
    await mkdir(work, { recursive: true });
    const spec = join(work, 'tiny.spec');
    await writeFile(spec, specOf(portion, version));
    const definitions = {
      _topdir: work,
      _dbpath: join(work, 'db'),
      _tmppath: join(work, 'tmp'),
      _rpmfilename: '%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm',
    };
    const options = Object.entries(definitions).flatMap(([key, value]) => [
      '--define',
      `${key} ${value}`,
    ]);
    await execute(['rpmbuild', '-bb', '--quiet', '--target', 'x86_64', ...options, spec], {
      signal,
      env: process.env,
      capture: true,
    });
    for (const name of portion) {
      const file = `${name}-${version}-1.x86_64.rpm`;
      await rename(join(work, 'RPMS', file), join(folder, file));
      files.push(join(folder, file));
    }
    await rm(work, { recursive: true });
  }
  return files;
}

function specOf(names, version) {
  const packages = names.map(
    (name) => `%package -n ${name}
Summary: One package of many, called ${name}
URL: https://acme.example/${name}
Requires: bash >= 5.0, coreutils, lib${name}.so.1()(64bit)
Requires(post): coreutils
Recommends: ${name}-doc
%description -n ${name}
It is here so that there are many, and has a description as long as
those of other packages are, which is two lines or three of some text.
%files -n ${name}
`,
  );
  return `Name: tiny
Version: ${version}
Release: 1
Summary: Source of many
License: MIT
AutoReqProv: no
%description
Source of many
%prep
%build
%install
${packages.join('')}%changelog
* Thu Jan 01 2026 Bench <bench@acme.example> - ${version}-1
- One of many changes
* Wed Dec 31 2025 Bench <bench@acme.example> - 0.9-1
- First release
`;
}
