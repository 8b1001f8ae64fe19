import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactVersion } from '@fatbuildr/artifacts';
import type { SourceRequest } from '@fatbuildr/builds';
import { renderSpec } from './spec-file';

describe('the spec of a build', () => {
  let packaging: string;
  beforeEach(async () => {
    packaging = await mkdtemp(join(tmpdir(), 'fatbuildr-spec-'));
  });
  afterEach(() => rm(packaging, { recursive: true }));

  async function render(
    template: string,
    patches: string[] = [],
    sources: object[] = [{ id: 'hello' }],
  ): Promise<string> {
    await writeFile(join(packaging, 'hello.spec'), template);
    const request = {
      ...{ artifact: 'hello', derivative: 'main', packaging, sources },
      pipeline: { distribution: 'el9' },
      version: ArtifactVersion.of({ main: '2.10-rc1', release: '3', dist: 'el9', build: 1 }),
      changelog: [
        {
          version: '2.10-rc1-3.el9+build1',
          author: 'Ada <ada@acme.example>',
          date: 949_536_000,
          changes: ['50% faster\nand %description'],
        },
      ],
    } as unknown as SourceRequest;
    return renderSpec(request, { sources: ['hello-2.10-rc1.tar.gz', 'hello.conf'], patches });
  }

  it('has every variable of templates', async () => {
    const rendered = await render(
      `Name: {{ pkg.name }}
Version: {{ version.main | rpm_version }}
Release: {{ release }}
{{ sources }}
{{ patches }}
%prep
{{ prep }}
# {{ pkg.distribution }} {{ pkg.derivative }} {{ version.fullrelease }}
%changelog
{{ changelog }}`,
      ['fix.patch', 'more.patch'],
    );
    expect(rendered).toBe(`Name: hello
Version: 2.10~rc1
Release: 3.el9+build1
Source0: hello-2.10-rc1.tar.gz
Source1: hello.conf
Patch0: fix.patch
Patch1: more.patch
%prep
%setup -q -n hello-2.10-rc1
%autopatch -p1
# el9 main 3.el9+build1
%changelog
* Thu Feb 03 2000 Ada <ada@acme.example> - 2.10-rc1-3.el9+build1
- 50%% faster
  and %%description
`);
  });

  it('unpacks supplementary sources where the main one is', async () => {
    const sources = ['hello', 'bar', 'qux'].map((id) => ({ id }));
    expect(await render('Name: hello\n{{ prep_sources }}\n%changelog', [], sources)).toContain(
      '%setup -q -n hello-2.10-rc1 -a 1 -a 2\n',
    );
  });

  it('has the parts of prep alone, and nothing to apply without patches', async () => {
    const rendered = await render(
      'Name: hello\n{{ source }}|{{ prep_sources }}|{{ prep_patches }}|{{ prep }}|',
    );
    expect(rendered).toContain(
      'Source1: hello.conf|%setup -q -n hello-2.10-rc1||%setup -q -n hello-2.10-rc1|',
    );
  });

  it('gets a changelog where it has none', async () => {
    expect(await render('Name: hello\n%files\n/usr/bin/hello\n')).toMatch(
      /\/usr\/bin\/hello\n\n%changelog\n\* Thu Feb 03 2000 Ada/,
    );
  });

  it.each([
    ['Version: 1\n', 'rpm/hello.spec: it has no Name'],
    ['Name: hola\n', 'rpm/hello.spec: Name is "hola", but the artifact is named "hello"'],
  ])('is refused for its name: %j', async (template, message) => {
    await expect(render(template)).rejects.toMatchObject({ code: 'RPM.BAD_SPEC', message });
  });

  it('is refused with file and line of what is no template', async () => {
    await expect(render('Name: hello\n\n{{ version.main | upside_down }}\n')).rejects.toMatchObject(
      {
        code: 'ARTIFACT.TEMPLATE',
        message: expect.stringMatching(/^rpm\/hello\.spec: line 3: .*upside_down/),
      },
    );
  });

  it('is named when it is not there', async () => {
    await expect(
      renderSpec({ artifact: 'hola', packaging } as SourceRequest, { sources: [], patches: [] }),
    ).rejects.toMatchObject({
      code: 'RPM.MISSING_SPEC',
      message: expect.stringContaining('rpm/hola.spec'),
    });
  });
});
