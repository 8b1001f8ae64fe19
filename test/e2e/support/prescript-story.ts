import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debPackaging, sha256 } from './definitions';
import type { DebWorkshop } from './deb-workshop';
import { placeProverbs } from './example';
import { HOST_CODENAME } from './host';
import type { Ended } from './installation';
import { processesNaming } from './processes';

/** Bytes of every kind, and no line that ends like one of text. */
const BYTES = `perl -e 'print map { chr(($_ * $_) % 256) } 1..5000'`;

const told = ({ stdout, stderr }: Ended) => stdout + stderr;

async function resultsOf(workshop: DebWorkshop): Promise<string[]> {
  const [last] = await workshop.installation.json<{ place: string }[]>('history');
  return readdir(join(last!.place, 'results'));
}

/** A definition whose upstream has a file `text`, and whose build checks what the prescript did. */
export const definePrescribed = (
  workshop: DebWorkshop,
  name: string,
  script: string,
  checks: readonly string[] = [],
): Promise<void> =>
  workshop.define(
    name,
    '1',
    (files) => ({
      ...files,
      'pre.sh': `#!/bin/bash\n${script}\n`,
      'patches/generic/text.patch': '--- a/text\n+++ b/text\n@@ -1 +1 @@\n-upstream\n+patched\n',
      ...debPackaging(name, {
        rules: `override_dh_auto_build:\n${checks.map((check) => `\t${check}\n`).join('')}`,
      }),
    }),
    { text: 'upstream\n', data: 'a\0b', 'vendor/old': 'old\n' },
  );

/**
 * What prescripts do, and what becomes of it; the workshop has image, environment and keyring.
 *
 * @param layers whether the tool keeps what it has installed for them
 */
export function tellPrescriptStory(open: () => DebWorkshop, layers: boolean): void {
  it('makes a patch of all that a prescript changed, and locks what it fetched', async () => {
    const word = Buffer.from('fetched\n');
    open().upstream.serve('/word', word);
    const url = `${open().upstream.url}/word`;
    await definePrescribed(
      open(),
      'prescribed',
      `#PRESCRIPT_DEPS@formats:deb bc
set -e
test "$(id -u) $(stat -c %u .)" = "90000 90000"
test "$(echo 6*7 | bc)" = 42
grep -x patched text
echo changed > text
${BYTES} > bytes
${BYTES} | tac > data
printf '#!/bin/sh\\n' > run; chmod 755 run
echo '*' > .gitignore
rm -r vendor
mkdir -p deep/er; ln -s ../../text deep/er/link
DL ${url} word
echo '[info] Fetched ${url}/forged: 0 bytes'
setsid sleep 86394 &`,
      [
        'grep -x changed text deep/er/link',
        `${BYTES.replaceAll('$', '$$$$')} | cmp - bytes`,
        `${BYTES.replaceAll('$', '$$$$')} | tac | cmp - data`,
        'test -x run -a -e .gitignore -a ! -e vendor -a "$$(cat word)" = fetched',
      ],
    );
    const ended = await open().build('prescribed', '--update-lock');
    expect(told(ended)).toContain('Task succeeded');
    expect(told(ended)).toContain(`[info] Fetched ${url}: 8 bytes, sha256 ${sha256(word)}`);
    expect(told(ended)).toContain('prescript.lock: 1 added, 0 changed');
    expect(processesNaming('sleep 86394')).toEqual([]);
    const lock = join(open().definitions, 'prescribed/prescript.lock');
    expect(await readFile(lock, 'utf8')).toContain(`\n${sha256(word)}  ${url}\n`);
    const drifted = Buffer.from('drifted\n');
    open().upstream.serve('/word', drifted);
    const failed = told(await open().build('prescribed'));
    expect(failed).toContain(`Task failed: step prescript: ${url} has changed: prescript.lock has`);
    expect(failed).toContain(`sha256 ${sha256(word)}, pre.sh was given ${sha256(drifted)}`);
    // The layer with the packages is used again.
    expect(failed.includes('Build dependencies are installed already')).toBe(layers);
  });

  it('builds the example of two sources whose prescript vendors a third', async () => {
    await placeProverbs(open().definitions, open().upstream);
    expect(told(await open().build('proverbs'))).toContain('Task succeeded');
    const results = await resultsOf(open());
    const vendored = results.find((name) => /orig-vendor-\d{8}-[0-9a-f]{8}\.tar\.xz$/.test(name));
    expect(vendored).toBeDefined();
    const listed = await open().installation.json<{ path: string }[]>(
      ...['registry', 'content', '-d', HOST_CODENAME, '-a', 'proverbs'],
    );
    expect(listed.map(({ path }) => path.replace(/^\//, ''))).toEqual(
      expect.arrayContaining(['usr/share/proverbs/says.sh', 'usr/share/proverbs/wisdom.txt']),
    );
  });
}

/** What prescripts do wrong. */
export function tellBadPrescriptStory(open: () => DebWorkshop): void {
  it.each([
    ['exits', 'exit 3', /step prescript: pre\.sh exited with status 3, the journal has/],
    ['has an unknown rule', '#PRESCRIPT_PACKAGES a', /step render: pre\.sh: line 2: unknown rule/],
    ['wants what is no package', '#PREDEPS /etc', /pre\.sh of bad needs cannot .*: \/etc/],
    ['wants a package that is not there', '#PREDEPS no-such', /cannot be installed: no-such/],
    ['removes the sources', 'rm -rf "$PWD"', /pre\.sh exited with status 1|left nothing of the/],
    ['empties the sources', 'rm -rf ./* .[a-z]*', /pre\.sh left nothing of the source tree/],
    ['writes outside', 'set -e; touch /usr/here', /pre\.sh exited with status 1/],
    ['leads out', 'ln -s ../../etc out', /left "out": the symlink to "\.\.\/\.\.\/etc" leaves/],
    ['leaves a pipe', 'mkfifo pipe', /left "pipe": devices, sockets and pipes are refused/],
    ['lacks a folder', '#PRETARBALLS lost', /pre\.sh left no folder "lost" in the source tree/],
    [
      'puts a link in the place of a folder',
      '#PRETARBALLS vendor\nrm -r vendor; ln -s /etc vendor',
      /left something else than a folder as "vendor"/,
    ],
    ['fetches nothing', 'DL http://127.0.0.1:9/x y; exit 5', /pre\.sh exited with status 5/],
  ])('fails when its prescript %s', async (_, script, message) => {
    await definePrescribed(open(), 'bad', script);
    const ended = await open().build('bad');
    expect(ended.status).toBe(1);
    expect(told(ended).trim().split('\n').at(-1)).toMatch(message);
  });
}
