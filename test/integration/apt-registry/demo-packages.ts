import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { run } from '@fatbuildr/processes';

const MAINTAINER = 'Ada Lovelace <ada@acme.example>';

export interface DemoOptions {
  version: string;
  /** Written into the binaries and the packaging, so that two builds of a version can differ. */
  greeting?: string;
  compression?: 'gzip' | 'xz' | 'zstd' | 'none';
}

export interface DemoPackages {
  dsc: string;
  files: string[];
}

/**
 * A real source package `libdemo` (3.0 quilt) and its two binaries, one for all architectures, made by
 * dpkg-source and dpkg-deb.
 */
export async function buildDemo(folder: string, options: DemoOptions): Promise<DemoPackages> {
  const { version, greeting = 'hello', compression = 'xz' } = options;
  const [upstream = ''] = version.split('-');
  await mkdir(folder, { recursive: true });
  const changelog = changelogOf(version, greeting);
  const files = [
    ...(await buildSource(folder, upstream, version, changelog)),
    await buildBinary(folder, {
      name: 'demo',
      architecture: 'amd64',
      version,
      greeting,
      compression,
      changelog,
    }),
    await buildBinary(folder, {
      name: 'demo-data',
      architecture: 'all',
      version,
      greeting,
      compression,
      changelog,
    }),
  ];
  await writeFile(join(folder, 'libdemo_build.buildinfo'), 'Format: 1.0\n');
  await writeFile(join(folder, 'libdemo_build.changes'), 'Format: 1.8\n');
  return {
    dsc: files[0] ?? '',
    files: [
      ...files,
      join(folder, 'libdemo_build.buildinfo'),
      join(folder, 'libdemo_build.changes'),
    ],
  };
}

/** A package of nothing but its name, for registries of many. @returns its path */
export async function buildTiny(folder: string, name: string, version: string): Promise<string> {
  const root = join(folder, `root-${name}`);
  await mkdir(join(root, 'DEBIAN'), { recursive: true });
  await chmod(root, 0o755);
  await writeFile(
    join(root, 'DEBIAN', 'control'),
    `Package: ${name}\nVersion: ${version}\nArchitecture: amd64\nMaintainer: ${MAINTAINER}\n` +
      'Description: one of many\n',
  );
  const file = join(folder, `${name}_${version}_amd64.deb`);
  await run(['dpkg-deb', '--root-owner-group', '-Zgzip', '-b', root, file]);
  return file;
}

function changelogOf(version: string, greeting: string): string {
  return [
    `libdemo (${version}) bookworm; urgency=medium`,
    '',
    `  * Say ${greeting}`,
    '    and mean it',
    '  * Package for Ångström',
    '',
    ` -- ${MAINTAINER}  Thu, 01 Jan 2026 10:00:00 +0100`,
    '',
    'libdemo (0.9-1) bookworm; urgency=low',
    '',
    '  * First release',
    '',
    ` -- ${MAINTAINER}  Wed, 31 Dec 2025 10:00:00 +0000`,
    '',
  ].join('\n');
}

async function buildSource(folder: string, upstream: string, version: string, changelog: string) {
  const tree = join(folder, `libdemo-${upstream}`);
  await mkdir(tree, { recursive: true });
  await writeFile(join(tree, 'demo.sh'), '#!/bin/sh\necho demo\n');
  const orig = `libdemo_${upstream}.orig.tar.xz`;
  const normal = ['--sort=name', '--mtime=2026-01-01', '--owner=0', '--group=0'];
  await run(['tar', '-C', folder, ...normal, '-cJf', join(folder, orig), `libdemo-${upstream}`]);
  await mkdir(join(tree, 'debian', 'source'), { recursive: true });
  await writeFile(join(tree, 'debian', 'source', 'format'), '3.0 (quilt)\n');
  await writeFile(join(tree, 'debian', 'changelog'), changelog);
  await writeFile(join(tree, 'debian', 'rules'), '#!/usr/bin/make -f\n%:\n\ttrue\n');
  await chmod(join(tree, 'debian', 'rules'), 0o755);
  await writeFile(
    join(tree, 'debian', 'control'),
    `Source: libdemo\nSection: misc\nPriority: optional\nMaintainer: ${MAINTAINER}\nStandards-Version: 4.6.2\n\n` +
      'Package: demo\nArchitecture: any\nDescription: says hello\n\n' +
      'Package: demo-data\nArchitecture: all\nDescription: what demo says\n',
  );
  await run(['dpkg-source', '-b', tree], { cwd: folder });
  await rename(tree, `${tree}.built`);
  return [`libdemo_${version}.dsc`, `libdemo_${version}.debian.tar.xz`, orig].map((name) =>
    join(folder, name),
  );
}

async function buildBinary(
  folder: string,
  binary: Required<DemoOptions> & { name: string; architecture: string; changelog: string },
): Promise<string> {
  const { name, architecture, version, greeting, compression, changelog } = binary;
  const root = join(folder, `root-${name}`);
  const documentation = join(root, 'usr', 'share', 'doc', name);
  await mkdir(join(root, 'DEBIAN'), { recursive: true });
  await mkdir(documentation, { recursive: true });
  await mkdir(join(root, 'usr', 'bin'), { recursive: true });
  await chmod(root, 0o755);
  await writeFile(join(documentation, 'changelog.Debian.gz'), gzipSync(changelog));
  await writeFile(join(root, 'usr', 'bin', name), `#!/bin/sh\necho ${greeting}\n`, { mode: 0o755 });
  await run(['ln', '-sf', name, join(root, 'usr', 'bin', `${name}-link`)]);
  await writeFile(
    join(root, 'DEBIAN', 'control'),
    `Package: ${name}\nSource: libdemo\nVersion: ${version}\nArchitecture: ${architecture}\n` +
      `Maintainer: ${MAINTAINER}\n${name === 'demo' ? 'Depends: demo-data\n' : ''}` +
      'Description: says hello\n to everyone who listens\n',
  );
  const file = join(folder, `${name}_${version}_${architecture}.deb`);
  await run(['dpkg-deb', '--root-owner-group', `-Z${compression}`, '-b', root, file]);
  return file;
}
