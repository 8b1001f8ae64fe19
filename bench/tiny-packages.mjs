// Packages of nothing but a name: what a registry does with them costs the same as with big ones, but for
// copying and hashing their files.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { pack } from 'tar-stream';

const compress = promisify(gzip);

/** The name of a package: spread over the alphabet as those of a distribution are, not one after the other. */
export function nameOf(number) {
  const digest = createHash('sha256').update(`package ${number}`).digest('hex');
  return `${'bcdfghklmnprstvwz'[Number.parseInt(digest.slice(0, 4), 16) % 17]}${digest.slice(4, 12)}`;
}

/** The control file of a package, with fields as those of a real one. */
export function controlOf(name, version) {
  return `Package: ${name}
Source: src-${name}
Version: ${version}
Architecture: amd64
Maintainer: Bench <bench@acme.example>
Installed-Size: 42
Depends: libc6 (>= 2.34), libgcc-s1 (>= 3.0), libstdc++6 (>= 11)
Section: misc
Priority: optional
Homepage: https://acme.example/${name}
Description: one package of many, called ${name}
 It is here so that there are many, and has a description as long as
 those of other packages are: one of two lines.
`;
}

/** Writes a .deb (deb(5)). @returns its path */
export async function writeTinyPackage(folder, name, version) {
  const file = join(folder, `${name}_${version}_amd64.deb`);
  const members = [
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar.gz', await archive([['./control', controlOf(name, version)]])],
    ['data.tar.gz', await archive([[`./usr/share/${name}`, `${name}\n`]])],
  ];
  await writeFile(
    file,
    Buffer.concat([
      Buffer.from('!<arch>\n'),
      ...members.flatMap(([member, data]) => [
        Buffer.from(
          `${member.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}` +
            `${'100644'.padEnd(8)}${String(data.length).padEnd(10)}\`\n`,
        ),
        data,
        Buffer.alloc(data.length % 2, '\n'),
      ]),
    ]),
  );
  return file;
}

async function archive(files) {
  const tar = pack();
  for (const [name, content] of files) tar.entry({ name, mtime: new Date(0) }, content);
  tar.finalize();
  const parts = [];
  for await (const part of tar) parts.push(part);
  return compress(Buffer.concat(parts));
}
