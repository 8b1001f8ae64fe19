import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskDescription } from '@fatbuildr/protocol';
import type { DebWorkshop } from './deb-workshop';
import { debPackaging } from './definitions';
import { HOST_CODENAME, HOST_TAG } from './host';
import { RemoteUser } from './remote-user';
import type { Sitting } from './sitting';
import { WebProgram } from './web-program';

/** Whoever has a token may do everything; without one, nothing. */
const POLICY = `[roles]
user = ALL
[user]
actions = view-pipeline, view-registry, view-keyring, view-task, manage-task, edit-registry, build,
  manage-image, manage-token
`;

const enter = (sitting: Sitting, line: string) => sitting.type(`${line}\r`);

/** Builds and shells over HTTP with a token; the workshop has image, environment and keyring. */
export function tellRemoteStory(open: () => DebWorkshop): void {
  let web: WebProgram;
  let user: RemoteUser;

  beforeAll(async () => {
    const { installation } = open();
    await writeFile(join(installation.home, 'etc/policy.ini'), POLICY);
    web = await WebProgram.start(installation.home);
    user = new RemoteUser(installation, `${web.url}/default`);
  });
  afterAll(() => web.stop());

  const build = (artifact: string, ...more: string[]) => [
    ...['build', '-a', artifact, '-b', open().definitions, '-d', HOST_CODENAME, ...more],
    ...['-n', 'Tester', '-e', 'tester@acme.example', '-m', 'Build from afar'],
  ];

  it('a token that the daemon issued, and is kept for the server, lets its user in', async () => {
    const stranger = await user.ctl('list');
    expect(stranger.status).toBe(1);
    expect(stranger.stderr).toContain(`fatbuildrctl tokens save --uri ${user.uri}`);
    expect((await user.ctl('tokens')).stdout).toContain('You keep no token');
    const issued = await open().installation.ctl('tokens', 'generate');
    expect(issued).toMatchObject({ status: 0, stderr: '' });
    const saved = await user.pipe(issued.stdout, 'tokens', 'save', '--uri', user.uri);
    expect(saved).toMatchObject({ status: 0, stdout: '' });
    const name = new URL(web.url).host.replace(':', '_');
    const file = join(user.tokens, `${name}_default.token`);
    expect(saved.stderr).toContain(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await user.ctl('tokens', 'list')).stdout).toContain(`${name}_default`);
    expect((await user.ctl('list')).stdout).toContain('No task is running');
  });

  it('builds an artifact to its end and publishes it', async () => {
    await open().define('afar', '1.0');
    const ended = await user.ctl(...build('afar'));
    expect(ended.stdout + ended.stderr).toContain('Task succeeded');
    expect(ended.status).toBe(0);
    const listed = await user.json('registry', 'list', '-d', HOST_CODENAME, '-a', 'afar');
    expect(listed).toContainEqual(
      expect.objectContaining({ name: 'afar', version: `1.0-1.${HOST_TAG}` }),
    );
  });

  it.each([
    'history',
    '-o json history --result success',
    `registry list -d ${HOST_CODENAME}`,
    '-o yaml registry search a',
    `registry changelog -d ${HOST_CODENAME} -a afar`,
    `-o json registry content -d ${HOST_CODENAME} -a afar`,
    'keyring show',
    'registry list -d nowhere',
    `registry delete -d ${HOST_CODENAME} -a nothing`,
    'watch none',
    'images env-create -d nowhere',
  ])('says what the daemon itself says: fatbuildrctl %s', async (command) => {
    const args = command.split(' ');
    expect(await user.ctl(...args)).toEqual(await open().installation.ctl(...args));
  });

  it('opens a shell that is typed into, has the size of the window and tells its status', async () => {
    const shell = user.sit('images', 'env-shell', '-d', HOST_CODENAME, '--', 'bash');
    await shell.prints('# ');
    enter(shell, 'echo $((40 + 2)); stty size');
    await shell.prints('42\n33 101');
    await shell.resize(20, 60);
    enter(shell, 'until stty size | grep "20 60"; do :; done');
    await shell.prints('\n20 60');
    enter(shell, 'exit 6');
    expect(await shell.ended()).toEqual({ status: 6, restored: true });
    const [last] = await user.json<TaskDescription[]>('history');
    expect(last).toMatchObject({ name: 'image build environment shell', exit_status: 6 });
  });

  it('leaves the shell of a terminal that is closed to who comes back, until it is cancelled', async () => {
    const lost = user.sit('images', 'env-shell', '-d', HOST_CODENAME);
    await lost.prints('# ');
    enter(lost, 'echo $((40 + 1))');
    await lost.prints('41');
    lost.hangUp();
    const found = user.sit('watch');
    await found.prints('41');
    enter(found, 'echo $((40 + 2))');
    await found.prints('42');
    const [running] = await user.json<TaskDescription[]>('list');
    expect(await user.ctl('cancel', running!.id)).toMatchObject({ status: 0 });
    expect(await found.ended()).toEqual({ status: 1, restored: true });
    expect(found.text).toContain(`Task failed: cancelled by ${running!.user}`);
  });

  it('a build that fails opens a shell where it failed, and ends when that does', async () => {
    await open().define('stuckafar', '1', (files) => ({
      ...files,
      ...debPackaging('stuckafar', { rules: 'override_dh_auto_build:\n\texit 3\n' }),
    }));
    const shell = user.sit(...build('stuckafar', '-i'));
    await shell.prints('A shell in the container of the build');
    await shell.prints('$ ');
    enter(shell, 'echo $(id -un) $PWD $(ls -d debian)');
    await shell.prints('fatbuildr-build /build/source debian\n');
    enter(shell, 'exit 0');
    expect(await shell.ended()).toEqual({ status: 1, restored: true });
    expect(shell.text).toMatch(/Task failed: step binaries.*dpkg-buildpackage.*status 2/);
  });

  it('a build that fails is kept for a shell that opens later', async () => {
    const ended = await user.ctl(...build('stuckafar', '--keep-failed', '1h'));
    const [, id = ''] = /UTC: fatbuildrctl shell (\S+)/.exec(ended.stdout + ended.stderr) ?? [];
    const shell = user.sit('shell', id);
    await shell.prints('$ ');
    enter(shell, 'echo $(id -un) $PWD $(ls -d debian)');
    await shell.prints('fatbuildr-build /build/source debian\n');
    enter(shell, 'exit 0');
    expect(await shell.ended()).toEqual({ status: 0, restored: true });
    const refused = await user.ctl(...build('stuckafar', '--keep-failed', '8d'));
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain('keep_failed: at most 1w');
    expect(await user.ctl('shell', 'none')).toMatchObject({ status: 1 });
  });

  it('answers programs written for the API of 2.1 in its shapes', async () => {
    const { token } = await ownToken();
    const ask = async <T>(path: string): Promise<T> => {
      const headers = { authorization: `Bearer ${token}` };
      const answer = await fetch(`${user.uri}/${path}`, { headers });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        200,
        'application/json; charset=utf-8',
      ]);
      return (await answer.json()) as T;
    };
    const place = `registry/deb/${HOST_CODENAME}/main`;
    const [text, number] = [expect.any(String) as string, expect.any(Number) as number];
    const version = `1.0-1.${HOST_TAG}`;
    const source = { name: 'afar', architecture: 'src', version, size: number };
    const binary = { name: 'afar', architecture: 'noarch', version, size: number };
    const changelog = [
      {
        ...{ version, date: number, changes: expect.arrayContaining([text]) as string[] },
        author: 'Tester <tester@acme.example>',
      },
    ];
    const all = await ask<{ name: string }[]>(`${place}.json`);
    expect(all.filter(({ name }) => name === 'afar')).toEqual(
      expect.arrayContaining([source, binary]),
    );
    expect(await ask(`${place}/src/afar.json`)).toEqual({
      ...{ artifact: 'afar', binaries: [binary], changelog },
    });
    const page = await ask<{ content: unknown[] }>(`${place}/noarch/afar.json`);
    expect(page).toEqual({
      ...{ artifact: 'afar', source, changelog, content: expect.any(Array) as unknown },
    });
    expect(page.content).toContainEqual({
      ...{ path: expect.stringMatching(/usr\/bin\/afar$/) as string, type: 'f', size: number },
    });
    expect(await ask('search.json?artifact=afar')).toEqual({
      deb: { [HOST_CODENAME]: { main: expect.arrayContaining([source, binary]) as unknown } },
    });
    const tasks = await user.json<TaskDescription[]>('history', '--result', 'failed');
    const failed = tasks.find(({ name, io }) => name === 'artifact build' && io.interactive);
    const task = await ask<TaskDescription>(`tasks/${failed!.id}.json`);
    expect(task).toMatchObject({
      ...{ id: failed!.id, user: text, name: 'artifact build', submission: number, place: text },
      ...{ state: 'finished', result: 'failed', format: 'deb', distribution: HOST_CODENAME },
      ...{ architectures: [text], derivative: 'main', artifact: 'stuckafar', author: 'Tester' },
      ...{ email: 'tester@acme.example', message: 'Build from afar' },
      io: { interactive: true, console: text, journal: { path: text } },
    });
    expect(await ask('running.json')).toBeNull();
    expect(await ask('queue.json')).toEqual([]);
  });

  it('a token that is revoked lets nobody in any more', async () => {
    const { id } = await ownToken();
    expect(await user.ctl('tokens', 'revoke', id)).toMatchObject({ status: 0 });
    const refused = await user.ctl('list');
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/revoked.*ask for one and keep it with/);
  });

  /** The token that is kept, and its id as the server lists it. */
  async function ownToken(): Promise<{ id: string; token: string }> {
    const name = `${new URL(web.url).host.replace(':', '_')}_default.token`;
    const token = (await readFile(join(user.tokens, name), 'utf8')).trim();
    const [, claims = ''] = token.split('.');
    const { jti } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { jti: string };
    const listed = await user.json<{ id: string }[]>('tokens', 'list', '--issued');
    expect(listed.map(({ id }) => id)).toContain(jti);
    return { id: jti, token };
  }
}
