import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { debPackaging, writeTree } from './support/definitions';
import { HOST_CODENAME, hostInstance } from './support/host';
import { Installation } from './support/installation';

jest.setTimeout(120_000);

const GOOD = `source: https://upstream.example/demo-{{ version }}.tar.gz
version: "1.0"
checksums:
  "1.0":
    sha256: ${'0'.repeat(64)}
deb:
  release: 1
`;

/** What the command line says of a definition before it submits anything. */
describe('a definition that is wrong', () => {
  const installation = new Installation();
  const definitions = join(installation.home, 'definitions');

  beforeAll(async () => {
    await installation.configure({
      default: hostInstance('Default', 'derivatives: { extra: {} }\n'),
    });
    await installation.start();
  });
  afterAll(() => installation.remove());

  async function refused(definition: string, ...options: string[]): Promise<string> {
    const folder = join(definitions, 'demo');
    await rm(folder, { recursive: true, force: true });
    await writeTree(folder, { 'artifact.yml': definition, ...debPackaging('demo') });
    const ended = await installation.ctl(
      ...['build', '-a', 'demo', '-b', definitions],
      ...['-n', 'Tester', '-e', 'tester@acme.example', '-m', 'Test', ...options],
    );
    const told = ended.stdout + ended.stderr;
    expect(ended.status).toBe(1);
    expect(told).not.toMatch(/^\s+at .*\.[jt]s:/m);
    // One message, the last thing that is said.
    expect(told.trim().split('\n').at(-1)).toMatch(/^(fatbuildrctl: |\[error\] Task failed)/);
    return told;
  }

  it.each([
    ['broken YAML', GOOD.replace('deb:', 'deb: ['), [], /line \d+, column \d+/],
    ['an unknown key', GOOD.replace('checksums:', 'checksum:'), [], /checksum.*"checksums"/],
    ['a weak checksum', GOOD.replace('sha256', 'md5'), [], /md5/],
    [
      'a format it does not declare',
      GOOD.replace('deb:', 'rpm:'),
      ['-d', HOST_CODENAME],
      /deb.*rpm/,
    ],
    ['an unknown format', GOOD, ['-f', 'rpm'], /rpm/],
    ['an unknown distribution', GOOD, ['-d', 'nowhere'], new RegExp(`nowhere.*${HOST_CODENAME}`)],
    ['an unknown derivative', GOOD, ['--derivative', 'none'], /none.*main/],
    ['a derivative it does not declare', GOOD, ['--derivative', 'extra'], /extra.*main/],
  ])('is refused for %s', async (_what, definition, options, message) => {
    expect(await refused(definition, ...options)).toMatch(message);
  });

  it('is looked for where it is said to be', async () => {
    const ended = await installation.ctl(
      ...['build', '-a', 'ghost', '-b', definitions, '-m', 'Test'],
      ...['-n', 'Tester', '-e', 'tester@acme.example'],
    );
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain(join(definitions, 'ghost'));
  });

  it.each([
    [['build'], /-a/],
    [['buidl'], /build/],
    [['build', '-a', 'demo', '--distributoin', 'x'], /--distribution/],
  ])('wrong usage exits with 2: fatbuildrctl %s', async (args, message) => {
    const ended = await installation.ctl(...args);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toMatch(message);
  });
});
