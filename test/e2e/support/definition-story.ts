import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskDescription } from '@fatbuildr/protocol';
import { debPackaging, sha256, upstreamArchive, writeTree } from './definitions';
import type { DebWorkshop } from './deb-workshop';
import { HOST_CODENAME } from './host';

const change = (from: string, to: string) =>
  `--- a/text\n+++ b/text\n@@ -1 +1 @@\n-${from}\n+${to}\n`;

/** Name and digest of every file of the source package and of the binary packages that a build left. */
async function digests(place: string): Promise<string[][]> {
  const folder = join(place, 'results');
  const names = (await readdir(folder)).filter((name) => /\.(dsc|deb|tar\.\w+)$/.test(name));
  return Promise.all(
    names.sort().map(async (name) => [name, sha256(await readFile(join(folder, name)))]),
  );
}

/** What definitions can say; the workshop has image, environment and keyring. */
export function tellDefinitionStory(open: () => DebWorkshop): void {
  const fails = async (artifact: string, message: RegExp) => {
    const ended = await open().build(artifact);
    expect(ended.status).toBe(1);
    expect(ended.stdout + ended.stderr).toMatch(message);
  };

  const newest = async () => (await open().installation.json<TaskDescription[]>('history'))[0]!;

  it('renames files, and applies generic patches, then those of the version, where they are for it', async () => {
    await open().define(
      'patched',
      '1',
      (files) => ({
        ...files,
        'patches/generic/z-text.patch': change('upstream', 'generic'),
        'patches/1/0001-text.patch': `Formats: deb\nTemplate: yes\n${change('generic', 'version {{ version.main }}')}`,
        // Of its context, which neither dpkg-source nor rpmbuild lets differ, the first line does.
        'patches/1/0003-fuzzy.patch': `--- a/lines\n+++ b/lines\n@@ -2,4 +2,4 @@\n other\n c\n-d\n+D\n e\n`,
        'patches/1/0002-other.patch': `Distributions: elsewhere\n${change('nothing', 'else')}`,
        'rename.j2': `deb/notes deb/patched.docs\n`,
        'deb/notes': 'text\n',
        ...debPackaging('patched', {
          rules:
            'override_dh_auto_build:\n\tgrep -x "version 1" text\n\tgrep -x D lines\n\ttest -e debian/patched.docs\n',
        }),
      }),
      { text: 'upstream\n', lines: 'a\nb\nc\nd\ne\nf\n' },
    );
    const ended = await open().build('patched');
    expect(ended.stdout + ended.stderr).toContain('Task succeeded');
    expect(ended.stdout).toContain('0002-other.patch is left out: it is for elsewhere');
    expect(ended.stdout).toContain('0003-fuzzy.patch: hunk 1 of lines applies only with fuzz');
  });

  it('builds of several sources, of which one is handed over', async () => {
    const archive = await upstreamArchive('Bar-Baz', { word: 'fetched\n' });
    open().upstream.serve('/bar-baz_4.5.6.tar.gz', archive);
    await open().define('several', '1', (files) => ({
      ...files,
      'artifact.yml': `sources:
  several: ${open().upstream.url}/several-{{ version }}.tar.gz
  bar: ${open().upstream.url}/bar-baz_{{ version }}.tar.gz
  qux: ${open().upstream.url}/none-{{ version }}.tar.gz
versions: { several: "1", bar: 4.5.6, qux: "2" }
checksums:
  several: { "1": { sha256: ${/sha256: (\w+)/.exec(files['artifact.yml']!)![1]} } }
  bar: { 4.5.6: { sha256: ${sha256(archive)} } }
deb:
  release: 1
`,
      ...debPackaging('several', {
        rules:
          'override_dh_auto_build:\n\tgrep -x fetched bar/word bar-baz456/word\n\tgrep -x local qux/word\n',
      }),
    }));
    const folder = join(open().installation.home, 'qux');
    await writeTree(folder, { word: 'local\n' });
    const ended = await open().build('several', '--sources', `qux#3@${folder}`);
    expect(ended.stdout + ended.stderr).toContain('Task succeeded');
    const [last] = await open().installation.json<{ place: string }[]>('history');
    expect(await readdir(join(last!.place, 'results'))).toEqual(
      expect.arrayContaining([
        'several_1.orig.tar.gz',
        'several_1.orig-bar-baz456.tar.gz',
        'several_1.orig-qux3.tar.xz',
      ]),
    );
    const twice = ['--sources', folder, '--sources', folder];
    expect(await open().build('several', ...twice)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('source several is given twice'),
    });
  });

  it('refuses a further source that would lie where the packaging does', async () => {
    const archive = await upstreamArchive('inside', { control: 'Source: other\n' });
    open().upstream.serve('/debian.tar.gz', archive);
    await open().define('outside', '1', (files) => ({
      ...files,
      'artifact.yml': `sources:
  outside: ${open().upstream.url}/outside-{{ version }}.tar.gz
  inside: ${open().upstream.url}/debian.tar.gz
versions: { outside: "1", inside: "1" }
checksums:
  outside: { "1": { sha256: ${/sha256: (\w+)/.exec(files['artifact.yml']!)![1]} } }
  inside: { "1": { sha256: ${sha256(archive)} } }
deb:
  release: 1
`,
    }));
    await fails(
      'outside',
      /its archive debian\.tar\.gz gives .*: debian\/ is the folder of the packaging/,
    );
  });

  it('names the patch that does not fit, with file and hunk', async () => {
    await open().define(
      'unfit',
      '1',
      (files) => ({ ...files, 'patches/1/wrong.patch': change('downstream', 'x') }),
      { text: 'upstream\n' },
    );
    await fails(
      'unfit',
      /patch wrong\.patch does not apply to text: hunk 1, at line 1, does not match/,
    );
  });

  const makefile = (build: string, file: string) =>
    `all:\n\t${build}\ninstall:\n\tinstall -D ${file} $(DESTDIR)/usr/lib/${file}\n`;

  it.each([
    [
      ...(['a C program', 'any', 'compiled', 5] as const),
      {
        'main.c': 'int main(void) { return sizeof(__FILE__) == 0; }\n',
        Makefile: makefile('$(CC) $(CFLAGS) -g -o compiled main.c', 'compiled'),
      },
    ],
    [
      ...(['files for all architectures', 'all', 'scripted', 4] as const),
      {
        Makefile: makefile(
          'date > scripted; date --date=@$$SOURCE_DATE_EPOCH > scripted',
          'scripted',
        ),
      },
    ],
  ])('a retry makes the same bytes of %s', async (_, architecture, name, count, source) => {
    const { installation } = open();
    await open().define(
      name,
      '1',
      (files) => ({ ...files, ...debPackaging(name, { architecture }) }),
      source,
    );
    expect(await open().build(name)).toMatchObject({ status: 0 });
    const first = await newest();
    const remove = ['registry', 'delete', '-d', HOST_CODENAME, '-a', name];
    expect(await installation.ctl(...remove)).toMatchObject({ status: 0 });
    expect(await installation.ctl('retry', first.id)).toMatchObject({ status: 0 });
    const again = await newest();
    expect(again.retries).toBe(first.id);
    const packages = await digests(first.place);
    expect(packages).toHaveLength(count);
    expect(await digests(again.place)).toEqual(packages);
  });

  it('names the rename rule whose file is not there', async () => {
    await open().define('renamed', '1', (files) => ({
      ...files,
      rename: 'deb/missing deb/docs\n',
    }));
    await fails('renamed', /rename: line 1: there is no "deb\/missing"/);
  });
}
