import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DebWorkshop } from './deb-workshop';
import { debPackaging, upstreamArchive } from './definitions';
import { HOST_TAG } from './host';
import { execute } from './installation';

const EXAMPLES = resolve(__dirname, '../../../examples');
const UPSTREAM = join(EXAMPLES, 'upstream');

const CONSUMER = `#include <tally.h>
#include <stdio.h>
int main(void)
{
    struct tally tally;
    tally_init(&tally);
    tally_add(&tally, "banana", 6);
    printf("%c\\n", tally_most(&tally));
    return 0;
}
`;

/** The examples that have their upstream beside them; the workshop has image, environment and keyring. */
export function tellExampleStory(open: () => DebWorkshop): void {
  /** Releases an example's upstream and adds the checksums to its definition. */
  async function release(artifact: string, ...versions: string[]): Promise<void> {
    const { upstream, definitions, installation } = open();
    const folder = join(UPSTREAM, artifact);
    const files = await Promise.all(
      (await readdir(folder)).map(
        async (name) => [name, await readFile(join(folder, name), 'utf8')] as const,
      ),
    );
    for (const version of versions) {
      const archive = await upstreamArchive(`${artifact}-${version}`, Object.fromEntries(files));
      upstream.serve(`/${artifact}-${version}.tar.gz`, archive);
    }
    await cp(join(EXAMPLES, artifact), join(definitions, artifact), { recursive: true });
    const file = join(definitions, artifact, 'artifact.yml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('https://downloads.acme.example', upstream.url));
    const ended = await installation.ctl('checksum', join(definitions, artifact));
    expect(ended.stdout.match(/added sha256/g)).toHaveLength(versions.length);
  }

  /** @returns path of a package that the last build left */
  async function built(name: string): Promise<string> {
    const [last] = await open().installation.json<{ place: string }[]>('history', '-n', '1');
    const results = join(last!.place, 'results');
    const names = await readdir(results);
    const found = names.find((file) => file.startsWith(`${name}_`) && file.endsWith('.deb'));
    return join(results, found!);
  }

  async function succeeds(artifact: string, ...more: string[]): Promise<string> {
    const ended = await open().build(artifact, ...more);
    expect(ended.stdout + ended.stderr).toContain('Task succeeded');
    return ended.stdout;
  }

  it('a C library: packages of the library and for developers, and what is built with it', async () => {
    await release('libtally', '1.2');
    const printed = await succeeds('libtally');
    expect(printed).not.toMatch(/^(?:\S+: )?[EW]: libtally/m);
    const symbols = await execute(['dpkg-deb', '--info', await built('libtally1'), 'symbols']);
    expect(symbols.stdout).toContain('libtally.so.1 libtally1 #MINVER#');
    await open().define(
      'uses-tally',
      '1',
      (files) => ({
        ...files,
        ...debPackaging('uses-tally', {
          architecture: 'any',
          buildDepends: 'debhelper-compat (= 13), libtally-dev',
          rules: 'override_dh_auto_test:\n\ttest "$$(./count)" = a\n',
        }),
      }),
      {
        'main.c': CONSUMER,
        Makefile:
          'count: main.c\n\t$(CC) -o $@ main.c -ltally\ninstall: count\n\tinstall -D count $(DESTDIR)/usr/bin/count\n',
      },
    );
    await succeeds('uses-tally');
    const depends = ['dpkg-deb', '--field', await built('uses-tally'), 'Depends'] as const;
    expect((await execute([...depends])).stdout).toMatch(/libtally1 \(>= 1\.2\)/);
  });

  it('a script for all architectures, of a local source', async () => {
    await cp(join(EXAMPLES, 'tidy-names'), join(open().definitions, 'tidy-names'), {
      recursive: true,
    });
    await succeeds('tidy-names', '--sources', join(UPSTREAM, 'tidy-names'));
    expect(await built('tidy-names')).toContain(`tidy-names_0.3-1.${HOST_TAG}`);
    expect(await open().listing('-a', 'tidy-names')).toContainEqual(
      expect.objectContaining({ architecture: 'noarch' }),
    );
  });

  it('derivatives: each its version, with the patches of it', async () => {
    await release('door-sign', '1.0', '2.0');
    for (const [derivative, sign] of [
      ['main', 'ACME welcomes you.\n'],
      ['extra', 'ACME welcomes you.\nThis is door-sign 2.0, with all extras.\n'],
    ] as const) {
      await succeeds('door-sign', '--derivative', derivative);
      const root = join(open().installation.home, `door-sign-${derivative}`);
      const deb = await built('door-sign');
      await execute(['dpkg-deb', '-x', deb, root]);
      expect(await readFile(join(root, 'usr/share/door-sign/door-sign.txt'), 'utf8')).toBe(sign);
    }
  });
}
