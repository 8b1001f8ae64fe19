import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderFolder, renderText } from './templates';
import { ArtifactVersion } from './artifact-version';

const version = { ...ArtifactVersion.parse('1.2~rc1-3.deb12+build1').forTemplates() };
const render = (source: string, variables = {}, folder?: string) =>
  renderText(source, { version, ...variables }, { name: 'control.j2', folder });

describe('renderText', () => {
  it.each([
    ['{{ version.main }} {{ version.major }} {{ version.release }}', '1.2~rc1 1 3'],
    ['{{ version.dist }} {{ version.full }}', 'deb12 1.2~rc1-3.deb12+build1'],
    ['{{ version.fullrelease }}', '3.deb12+build1'],
    ['{{ "v1.0~rc1 a..b"|gittag }}', 'v1.0-rc1-a-b'],
    ['{{ "1.0-rc1"|rpm_version }}', '1.0~rc1'],
    ['{{ 949550706|timestamp_rpmdate }}', 'Thu Feb 03 2000'],
    ['{{ 949550706|timestamp_iso }}', '2000-02-03 04:05:06'],
    ['{{ "1.2.3".split(".")[0] }}', '1'],
    ['{{ "1.2.3".split(".", 1)[-1] }}', '2.3'],
    ['{{ "1.2.3".rsplit(".", 1)[0] }}', '1.2'],
    ['{{ " a  b ".split()|join("-") }}', 'a-b'],
    ['{{ "1.2.3".replace(".", "_", 1) }}', '1_2.3'],
    ['{{ "a.b".replace(".", "$&") }}', 'a$&b'],
    ['{% if "el8".startswith("el") %}y{% endif %}', 'y'],
    ['{{ "abc".upper() }}{{ "ABC"|lower }}', 'ABCabc'],
    ['{{ "7".zfill(3) }}', '007'],
    ['{{ "{}-{n}".format("a", n=2) }}', 'a-2'],
    ['{{ "%s-%03d"|format("a", 7) }}', 'a-007'],
    ['{{ "abcdef"[1:3] }}{{ "abc"[::-1] }}{{ [1,2,3][:2]|join }}', 'bccba12'],
    ['{{ {"a": 1}.get("b", "none") }}', 'none'],
    ['{% for k, v in {"a": 1, "b": 2}.items() %}{{ k }}{{ v }};{% endfor %}', 'a1;b2;'],
    ['{% for i in range(1, 4) %}{{ i }}{% if not loop.last %},{% endif %}{% endfor %}', '1,2,3'],
    ['{% set n = version.main.split("~") %}{{ n[0] }}', '1.2'],
    ['{{ ["b", "a"]|map("upper")|sort|join }}', 'AB'],
    ['{{ [{"n": "x"}]|map(attribute="n")|first }}', 'x'],
    ['{{ "a" if [] else "b" }}{{ "a" if not {} else "b" }}', 'ba'],
    ['{% if none_such or [] %}a{% else %}b{% endif %}', 'b'],
    ['{{ "a" ~ none_such ~ 1 }}', 'a1'],
    ['{{ True }} {{ None }} {{ [1, "a"] }}', "True None [1, 'a']"],
    ['{{ none_such|default("x") }}{{ none_such is defined }}', 'xFalse'],
    ['{% if none_such is defined %}a{% else %}b{% endif %}', 'b'],
    ['{% if version.none_such is not defined %}a{% endif %}', 'a'],
    ['{{ "x" if 1 in [1, 2] and "b" not in "ac" }}', 'x'],
    ['{% macro m(a, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(1, b=3) }}', '1213'],
    [
      '{% macro l(n) %}{% for i in n %}{{ caller(i, s="!") }}{% endfor %}{% endmacro %}' +
        '{% call(i, s="?") l([1, 2]) %}{{ i }}{{ s }}{% endcall %}',
      '1!2!',
    ],
    ['{% raw %}{{ x }}{% endraw %}', '{{ x }}'],
    ['{{ "say \\"hi\\"" }}', 'say "hi"'],
  ])('renders %s', async (source, expected) => {
    expect(await render(source)).toBe(expected);
  });

  it('trims blocks and keeps the trailing newline', async () => {
    const source = 'a\n  {% if true %}\nb\n  {% endif %}\n  {# note #}\nc {{ 1 }}\n\n';
    expect(await render(source)).toBe('a\nb\nc 1\n\n');
    expect(await render('a\r\nb')).toBe('a\nb');
    expect(await render('a {#- b\n -#} c ${x#} {% raw %}{# d #}{% endraw %}{{ "{#" }}')).toBe(
      'ac ${x#} {# d #}{#',
    );
  });

  it.each([
    ['a\nb {{ version.main\nc', 3],
    ['a\n{% if x %}\nb', 3],
    ['{# a\nb #}\nc{{ x|nothing }}', 3],
    ['a\n\n{{ "x"|nothing }}', 3],
    ['a\n{{ none_such.member }}', 2],
    ['a\n{% for i in [1] %}\n{{ none_such() }}\n{% endfor %}', 3],
    ['{% if true %}\n\n{{ "a".index("b") }}{% endif %}', 3],
    ['{{ x is strange }}', 1],
  ])('names file and line of the fault in %j', async (source, line) => {
    const where = `control.j2: line ${line}: `;
    await expect(render(source)).rejects.toMatchObject({
      name: 'FatbuildrError',
      code: 'ARTIFACT.TEMPLATE',
      message: expect.stringContaining(where) as string,
    });
  });

  it.each([
    '{{ "".constructor.constructor("return process")() }}',
    '{{ version.constructor }}',
    '{{ version["__proto__"] }}',
    '{{ range.constructor }}{{ cycler.constructor }}',
    '{{ constructor }}{{ toString }}{{ __proto__ }}',
    '{{ [].constructor }}{{ [].map }}{{ "".at }}',
    '{{ version|attr("constructor") }}',
    '{{ [version]|map(attribute="constructor")|join }}',
    '{{ version.get("constructor", "") }}',
  ])('shows nothing of the host to %s', async (source) => {
    const result = await render(source).catch((fault: Error) => fault.message);
    expect(result).not.toMatch(/function|native|object/);
  });

  it.each([
    ['{{ vesion }}', 'vesion'],
    ['{{ version.mian }}', 'version.mian'],
    ['{{ version["mian"] }}', 'version.mian'],
    ['{{ vesion|upper }}', 'vesion'],
  ])('refuses what is undefined where it would print nothing: %s', async (source, name) => {
    await expect(render(`a\n${source}`)).rejects.toThrow(
      `control.j2: line 2: "${name}" is undefined`,
    );
  });

  it('runs no code put into names', async () => {
    delete process.env.TEMPLATE_ESCAPED;
    const code = 'process\\x2eenv\\x2eTEMPLATE_ESCAPED\\x3d1';
    const long = 'process.env.TEMPLATE_ESCAPED=1';
    for (const source of [
      `{{ a"&&Function\`x\${${code}}\`\`\`&&" }}`,
      `{{ a"&&Function\`${code}\`\`\`&&" }}`,
      `{% set a"&&Function\`${code}\`\`\`&&" = 1 %}`,
      `{{ 1 is "defined\\").call(${long});//" }}`,
      `{{ x["\\\\\\"+(${long})+\\""]() }}`,
      `{{ x["\\\\", (${long}), \\""]() }}`,
      `{{ "\\\\\\",${long},\\""() }}`,
      '{{ "x"|valueOf }}',
      '{% block a"&&b %}{% endblock %}',
    ]) {
      await render(source).catch(() => undefined);
      expect(process.env.TEMPLATE_ESCAPED).toBeUndefined();
    }
    // Everywhere a name can stand.
    for (const source of [
      '{{ a"b }}',
      '{{ {"k": a"b} }}{{ [a"b] }}{{ x[a"b:] }}',
      '{{ f(1, k=a"b) }}',
      '{{ f(a"b=1) }}',
      '{{ 1 if a"b else 2 }}',
      '{% set x %}{{ a"b }}{% endset %}',
      '{% set a"b = 1 %}',
      '{% set a"b %}x{% endset %}',
      '{% for a"b in [1] %}{% endfor %}',
      '{% for k, a"b in {} %}{% endfor %}',
      '{% for k in [] %}{% else %}{{ a"b }}{% endfor %}',
      '{% macro a"b() %}{% endmacro %}',
      '{% macro m(a"b) %}{% endmacro %}',
      '{% macro m(x=a"b) %}{% endmacro %}',
      '{% macro m() %}{{ a"b }}{% endmacro %}',
      '{% call(a"b) m() %}{% endcall %}',
      '{% call m() %}{{ a"b }}{% endcall %}',
      '{% block a"b %}{% endblock %}',
      '{% block b %}{{ a"b }}{% endblock %}',
      '{% import "x" as a"b %}',
      '{% from "x" import a"b %}',
      '{% from "x" import c as a"b %}',
      '{% filter upper %}{{ a"b }}{% endfilter %}',
      '{% switch a"b %}{% case a"b %}{% default %}{{ a"b }}{% endswitch %}',
      '{% if 1 %}{% elif a"b %}{% endif %}',
      '{% include a"b %}',
    ]) {
      await expect(render(source)).rejects.toThrow('is no name');
    }
    for (const source of [
      '{% set "a" = 1 %}',
      '{% set "a" %}x{% endset %}',
      '{% for "a" in [] %}{% endfor %}',
      '{% for k, "a" in {} %}{% endfor %}',
      '{% macro "a"() %}{% endmacro %}',
      '{% macro m("a") %}{% endmacro %}',
      '{% macro m("a"=1) %}{% endmacro %}',
      '{% call("a"=1) m() %}{% endcall %}',
      '{% block "a" %}{% endblock %}',
      '{% import "x" as "a" %}',
      '{% from "x" import "a" %}',
      '{% from "x" import c as "a" %}',
    ]) {
      await expect(render(source)).rejects.toThrow(/name|Symbol|[Ee]xpected/);
    }
    // Known to run in nunjucks as it comes.
    const macro = `{% macro m("x\\", ${long}, \\""=1) %}{% endmacro %}{{ m() }}`;
    await expect(render(macro)).rejects.toThrow('expected a name in "macro"');
    expect(process.env.TEMPLATE_ESCAPED).toBeUndefined();
    await expect(render('{{ "x"|valueOf }}')).rejects.toThrow('unknown filter');
  });

  it.each([
    '{% for i in range(1000000000) %}{% endfor %}',
    '{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}',
    '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}',
    '{{ "x"|center(1000000000) }}',
    '{{ "x".ljust(1000000000) }}',
    '{{ r/(a+)+$/ }}',
  ])('refuses what does not end: %s', async (source) => {
    await expect(render(source)).rejects.toMatchObject({ code: 'ARTIFACT.TEMPLATE' });
  });

  it('leaves the variables of the caller alone', async () => {
    const variables = { list: ['a'] };
    expect(await render('{{ list.append("b") }}{{ list|join }}', variables)).toBe('Noneab');
    expect(variables.list).toEqual(['a']);
  });
});

describe('renderFolder', () => {
  let base: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'templates-'));
    await mkdir(join(base, 'from/sub'), { recursive: true });
  });
  afterEach(() => rm(base, { recursive: true }));

  const from = (path: string) => join(base, 'from', path);
  const to = (path: string) => join(base, 'to', path);

  it('renders templates with their mode and copies the rest', async () => {
    await writeFile(from('rules.j2'), '{{ version.main }}\n{% include "sub/part" %}');
    await chmod(from('rules.j2'), 0o755);
    await writeFile(from('sub/part'), 'part {{ version.major }}\n');
    await writeFile(from('plain'), Buffer.from([0xff, 0x00, 0x7b, 0x7b]));
    await symlink('plain', from('link'));
    await renderFolder(join(base, 'from'), join(base, 'to'), { version });
    expect(await readFile(to('rules'), 'utf8')).toBe('1.2~rc1\npart 1\n');
    expect((await stat(to('rules'))).mode & 0o777).toBe(0o755);
    expect(await readFile(to('plain'))).toEqual(Buffer.from([0xff, 0x00, 0x7b, 0x7b]));
    expect(await readFile(to('link'))).toEqual(Buffer.from([0xff, 0x00, 0x7b, 0x7b]));
  });

  it('refuses links and includes that leave the folder', async () => {
    await writeFile(join(base, 'secret'), 'secret');
    const run = () => renderFolder(join(base, 'from'), join(base, 'to'), { version });
    await symlink('../../secret', from('sub/link'));
    await expect(run()).rejects.toThrow(/"sub\/link": the symlink to "..\/..\/secret" leaves/);
    await rm(from('sub/link'));
    await rm(join(base, 'to'), { recursive: true });
    for (const path of ['../secret', join(base, 'secret')]) {
      await writeFile(from('a.j2'), `x\n{% include "${path}" %}`);
      await expect(run()).rejects.toThrow(/a\.j2: line 2: .*includ/);
    }
    await symlink('../secret', from('hidden'));
    await writeFile(from('a.j2'), '{% include "hidden" %}');
    await expect(run()).rejects.toThrow(/no file of the folder/);
  });

  it('includes from the folder of the template first', async () => {
    await writeFile(from('sub/a.j2'), '{% include "part" %}{% include "top" %}');
    await writeFile(from('sub/part'), 'near ');
    await writeFile(from('part'), 'far');
    await writeFile(from('top'), 'top');
    await renderFolder(join(base, 'from'), join(base, 'to'), { version });
    expect(await readFile(to('sub/a'), 'utf8')).toBe('near top');
  });

  it('names the included file and its line', async () => {
    await writeFile(from('a.j2'), 'x\n{% include "sub/part" %}');
    await writeFile(from('sub/part'), 'x\n\n{{ nothing.here }}');
    await expect(renderFolder(join(base, 'from'), join(base, 'to'), { version })).rejects.toThrow(
      /sub\/part: line 3: /,
    );
  });

  it('refuses a template and a file of the same name', async () => {
    await writeFile(from('a.j2'), '');
    await writeFile(from('a'), '');
    await expect(renderFolder(join(base, 'from'), join(base, 'to'), { version })).rejects.toThrow(
      /"a.j2": another file gives the same result/,
    );
  });
});
