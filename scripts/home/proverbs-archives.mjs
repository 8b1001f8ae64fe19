// The archives of examples/proverbs, which no upstream has: the same bytes each time, as their checksums are part
// of the example. Called by itself it writes them to a folder.
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pack } from 'tar-stream';

const PROGRAM = `#!/bin/sh
# Says one of the proverbs that lie beside the library.
set -eu
here=\${PROVERBS:-/usr/share/proverbs}
. "$here/says.sh"
says "$(head -n 1 "$here/wisdom.txt")"
`;
// What upstream brings along is older than what the prescript fetches.
const OLD_LIBRARY = 'says() { echo "OLD: $1"; }\n';
const LIBRARY = 'says() { printf \'"%s"\\n\' "$1"; }\n';
const MAKEFILE = `share = $(DESTDIR)/usr/share/proverbs
all:
install:
	install -D proverbs $(DESTDIR)/usr/bin/proverbs
	install -D -m 644 wisdom/wisdom.txt $(share)/wisdom.txt
	install -D -m 644 vendor/says-0.3/says.sh $(share)/says.sh
`;

const ARCHIVES = {
  'proverbs-1.2.tar': {
    'proverbs-1.2/proverbs': PROGRAM,
    'proverbs-1.2/Makefile': MAKEFILE,
    'proverbs-1.2/vendor/says-0.1/says.sh': OLD_LIBRARY,
  },
  'wisdom-2026.tar': { 'wisdom-2026/wisdom.txt': 'Measure twice, cut once.\n' },
  'says-0.3.tar': { 'says-0.3/says.sh': LIBRARY },
};

/** @returns {Promise<Map<string, Buffer>>} file name → content; uncompressed, as compressors differ */
export async function proverbsArchives() {
  const archives = new Map();
  for (const [file, members] of Object.entries(ARCHIVES)) {
    const tar = pack();
    for (const [name, content] of Object.entries(members)) {
      tar.entry(
        { name, mode: content.startsWith('#!') ? 0o755 : 0o644, mtime: new Date(0) },
        content,
      );
    }
    tar.finalize();
    const chunks = [];
    for await (const chunk of tar) chunks.push(chunk);
    archives.set(file, Buffer.concat(chunks));
  }
  return archives;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? '.';
  await mkdir(folder, { recursive: true });
  for (const [file, content] of await proverbsArchives()) {
    await writeFile(join(folder, file), content);
    process.stdout.write(`${createHash('sha256').update(content).digest('hex')}  ${file}\n`);
  }
}
