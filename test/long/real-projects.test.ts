import { join } from 'node:path';
import { DebWorkshop } from '../e2e/support/deb-workshop';
import { HOST_CODENAME } from '../e2e/support/host';
import { giveEnvironment, giveImage, imageNames, podman } from '../e2e/support/made-images';
import { HOST } from './support/format-workshop';
import { DEFINITIONS, placeSources } from './support/real-sources';

jest.setTimeout(900_000);

/** What is built, by what means upstream builds, and that what apt installs works: a command and what it prints. */
const PROJECTS: readonly [name: string, builtBy: string, command: string, printed: RegExp][] = [
  ['jo', 'autotools', 'jo name=jo works=true', /^\{"name":"jo","works":true\}$/],
  ['cmark', 'CMake', "printf '*it* works' | cmark", /^<p><em>it<\/em> works<\/p>$/],
  ['bubblewrap', 'Meson', 'bwrap --version', /^bubblewrap 0\.8\.0$/],
  ['yamllint', 'Python', "printf 'a: 1\\na: 2\\n' | yamllint - || true", /duplication of key "a"/],
  ['ack', 'Perl', "printf 'one\\ntwo\\n' | ack --filter tw.", /^two$/],
  ['fzf', 'Go', "printf 'house\\ngarden\\n' | fzf --filter=gdn", /^garden$/],
];

/** Programs of upstream projects, each packaged by a definition: built, published, installed by apt and run. */
describe('real projects', () => {
  let workshop: DebWorkshop;

  beforeAll(async () => {
    workshop = await DebWorkshop.open();
    const { installation } = workshop;
    await giveImage(installation);
    await giveEnvironment(installation);
    expect(await installation.ctl('keyring', 'create')).toMatchObject({ status: 0 });
    const placed = await placeSources(
      installation.home,
      PROJECTS.map(([name]) => name),
    );
    if (placed.status !== 0) throw new Error(placed.stderr);
  });
  afterAll(() => workshop.close());

  it.each(PROJECTS)('%s is built by %s', async (name) => {
    const ended = await workshop.installation.ctl(
      ...['build', '-a', name, '-b', DEFINITIONS, '-d', HOST_CODENAME],
      ...['-n', 'Tester', '-e', 'tester@acme.example', '-m', 'Build'],
    );
    expect(ended.stdout + ended.stderr).toContain('Task succeeded');
  });

  it('apt installs them all, trusting only the exported key, and they work', async () => {
    const { installation } = workshop;
    const { stdout: key } = await installation.ctl('keyring', 'export');
    const images = await imageNames(installation);
    const environment = images.find((name) => name.endsWith(`/${HOST_CODENAME}-${HOST}:latest`))!;
    const versions = new Map(
      (await workshop.listing()).map(({ name, version }) => [name, version]),
    );
    const wanted = PROJECTS.map(([name]) => `${name}=${versions.get(name)}`);
    const script = [
      'cat > /key.asc',
      `echo 'deb [signed-by=/key.asc] file:/registry ${HOST_CODENAME} main' > /etc/apt/sources.list.d/ours.list`,
      'apt-get update -qq',
      // By version, as Debian has most of them too.
      `apt-get install -qq --no-install-recommends ${wanted.join(' ')}`,
      ...PROJECTS.map(([name, , command]) => `echo "== ${name}"; ${command}`),
    ];
    const printed = await podman(
      installation,
      [
        ...['run', '--rm', '--interactive', '--network', 'host'],
        ...['--volume', `${join(installation.home, 'registry/default/deb')}:/registry:ro`],
        ...[environment, 'sh', '-euc', script.join('\n')],
      ],
      key,
    );
    const told = new Map(
      printed
        .split('== ')
        .slice(1)
        .map((part) => [part.split('\n')[0]!, part.slice(part.indexOf('\n') + 1).trim()]),
    );
    for (const [name, , , expected] of PROJECTS) expect(told.get(name)).toMatch(expected);
  });
});
