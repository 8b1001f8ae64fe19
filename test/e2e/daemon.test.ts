import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { hostInstance, HOST_CODENAME, HOST_TAG } from './support/host';
import { execute, Installation } from './support/installation';
import { processesNaming, processOf } from './support/processes';

jest.setTimeout(120_000);

describe('a daemon under a home of its own', () => {
  const installation = new Installation();

  beforeAll(async () => {
    await installation.configure({
      default: hostInstance('Default', 'derivatives:\n  extra:\n    formats: [deb]\n'),
      second: hostInstance('Second'),
    });
    await installation.start();
  });
  afterAll(() => installation.remove());

  it('answers the command line without any configuration but the instance file', async () => {
    const ended = await installation.ctl('list');
    expect(ended).toMatchObject({ status: 0, stderr: '' });
  });

  it('says that there is no keyring yet, and how to get one', async () => {
    const ended = await installation.ctl('keyring', 'show');
    expect(ended.status).toBe(1);
    expect(ended.stderr).toMatch(/^fatbuildrctl: .*keyring create.*\n$/);
  });

  it('creates a keyring by a task, shows it and exports it', async () => {
    const created = await installation.ctl('keyring', 'create');
    expect(created).toMatchObject({ status: 0 });
    const keyring = await installation.json<{ userid: string; algo: string; expires: string }>(
      'keyring',
      'show',
    );
    expect(keyring.userid).toBe('Default Packages <packages@acme.example>');
    const exported = await installation.ctl('keyring', 'export');
    expect(exported.stdout).toContain('BEGIN PGP PUBLIC KEY BLOCK');
    expect(exported.stdout).not.toContain('PRIVATE');
  });

  it('refuses a second keyring and keeps the first', async () => {
    const before = await installation.json<{ fingerprint: string }>('keyring', 'show');
    const ended = await installation.ctl('keyring', 'create');
    expect(ended.status).toBe(1);
    expect(ended.stdout + ended.stderr).toMatch(/Task failed: .*already/);
    expect(await installation.json('keyring', 'show')).toEqual(before);
  });

  it('renews the keyring, and shows the new date', async () => {
    expect(await installation.ctl('keyring', 'renew', '--duration', '6m')).toMatchObject({
      status: 0,
    });
    const renewed = await installation.json<{ expires: string }>('keyring', 'show');
    expect(Date.parse(`${renewed.expires.replace(' ', 'T')}Z`)).toBeGreaterThan(Date.now());
    expect(await installation.ctl('keyring', 'renew', '--duration', '0')).toMatchObject({
      status: 0,
    });
    const endless = await installation.json<{ expires: string }>('keyring', 'show');
    expect(endless.expires).toBe('never');
  });

  it('refuses a duration that is none', async () => {
    const ended = await installation.ctl('keyring', 'renew', '--duration', '3x');
    expect(ended.status).not.toBe(0);
    expect(ended.stdout).not.toContain('Task');
    expect(ended.stderr).toMatch(/^fatbuildrctl: argument duration: expected .*, got "3x"\n$/);
  });

  it('keeps the keyring of each instance apart', async () => {
    const ended = await installation.ctl('--uri', 'dbus://session/second', 'keyring', 'show');
    expect(ended.status).toBe(1);
  });

  it('keeps private files to itself', async () => {
    const mode = async (path: string) => (await stat(join(installation.home, path))).mode & 0o777;
    expect(await mode('keyring')).toBe(0o700);
    expect(await mode('state')).toBe(0o700);
    expect(await mode('state/fatbuildr.sqlite')).toBe(0o600);
    expect(await mode('run/bus')).toBe(0o600);
  });

  it('remembers its tasks with their journals', async () => {
    const history =
      await installation.json<{ id: string; name: string; result: string }[]>('history');
    expect(history.map(({ name, result }) => [name, result])).toContainEqual([
      'keyring creation',
      'success',
    ]);
    const watched = await installation.ctl('watch', history.at(-1)!.id);
    expect(watched.status).toBe(0);
    expect(watched.stdout + watched.stderr).toContain('Task succeeded');
  });

  it.each([
    [['registry', 'list', '-d', 'nowhere'], 'nowhere', HOST_CODENAME],
    [['registry', 'list', '-d', HOST_CODENAME, '--derivative', 'none'], 'none', 'main'],
    [['images', 'create', '-f', 'rpm'], 'rpm', 'deb'],
    [['watch', '00000000-0000-4000-8000-000000000000'], '00000000-0000-4000-8000', 'history'],
  ])('names what is unknown and what exists: %s', async (args, unknown, exists) => {
    const ended = await installation.ctl(...args);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toMatch(/^fatbuildrctl: [^\n]+\n$/);
    expect(ended.stderr).toContain(unknown);
    expect(ended.stderr).toContain(exists);
  });

  it('refuses to delete what does not exist, before any task', async () => {
    const ended = await installation.ctl('registry', 'delete', '-d', HOST_CODENAME, '-a', 'ghost');
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain('ghost');
  });

  it('describes itself to D-Bus tools', async () => {
    const address = readFileSync(join(installation.home, 'run/bus.address'), 'utf8').trim();
    const ended = await execute([
      'dbus-send',
      `--bus=${address}`,
      '--print-reply=literal',
      '--dest=org.rackslab.Fatbuildr',
      '/org/rackslab/Fatbuildr/Instances/default',
      'org.freedesktop.DBus.Introspectable.Introspect',
    ]);
    expect(ended.stdout).toContain('org.rackslab.Fatbuildr.Instance');
    const properties = await execute([
      'dbus-send',
      `--bus=${address}`,
      '--print-reply',
      '--dest=org.rackslab.Fatbuildr',
      '/org/rackslab/Fatbuildr',
      'org.freedesktop.DBus.Properties.Get',
      'string:org.rackslab.Fatbuildr',
      'string:Instances',
    ]);
    expect(properties.stdout).toContain('Default Packages <packages@acme.example>');
  });

  it('lets no other user onto its private bus', async () => {
    const address = readFileSync(join(installation.home, 'run/bus.address'), 'utf8').trim();
    // Even one who could reach the socket: the modes of the folders are not what keeps strangers out.
    await chmod(installation.home, 0o755);
    await chmod(join(installation.home, 'run/bus'), 0o666);
    const stranger = { uid: 65534, gid: 65534 };
    const ended = await execute(
      [
        'dbus-send',
        `--bus=${address}`,
        '--print-reply',
        '--dest=org.freedesktop.DBus',
        '/org/freedesktop/DBus',
        'org.freedesktop.DBus.ListNames',
      ],
      stranger,
    );
    await chmod(join(installation.home, 'run/bus'), 0o600);
    expect(userInfo().uid).not.toBe(stranger.uid);
    expect(ended.status).not.toBe(0);
    expect(ended.stdout).not.toContain('org.rackslab.Fatbuildr');
  });

  it('lets no second daemon onto the same home', async () => {
    const ended = await installation.fatbuildrd();
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain(`process ${installation.pid}`);
    expect(await installation.ctl('list')).toMatchObject({ status: 0 });
  });

  it('ends by SIGTERM with status 0 and leaves no process behind', async () => {
    expect(await installation.stop()).toBe(0);
    expect(processesNaming(installation.home)).toEqual([]);
    expect(existsSync(join(installation.home, 'run/bus.address'))).toBe(false);
    const ended = await installation.ctl('list');
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain('fatbuildrd --home');
  });

  it('starts again with all it knew, even after it was killed', async () => {
    await installation.start();
    await installation.stop('SIGKILL');
    await installation.start();
    const history = await installation.json<unknown[]>('history');
    expect(history.length).toBeGreaterThan(0);
    expect(await installation.ctl('keyring', 'show')).toMatchObject({ status: 0 });
  });
});

describe('a daemon that loses what it cannot live without', () => {
  const installation = new Installation();
  afterAll(() => installation.remove());

  it.each([
    ['bus', 'dbus-daemon'],
    ['queue', 'redis-server'],
  ])('its %s, says so and ends with a fault', async (_what, program) => {
    await installation.configure({ default: hostInstance('Default') });
    await installation.start();
    process.kill(processOf(installation.home, program), 'SIGKILL');
    expect(await installation.ended()).toBe(1);
    expect(processesNaming(installation.home)).toEqual([]);
  });
});

describe('fatbuildrd --check', () => {
  const installation = new Installation();
  afterAll(() => installation.remove());

  it('says what it found', async () => {
    await installation.configure({ default: hostInstance('Default') });
    const ended = await installation.fatbuildrd(['--check']);
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(ended.stdout).toContain('instance default (Default)');
    expect(ended.stdout).toContain(`deb: ${HOST_CODENAME}`);
  });

  it('lists all faults of the configuration at once, with file and key', async () => {
    await writeFile(
      join(installation.home, 'etc/fatbuildr.ini'),
      '[daemon]\ndebugg = yes\nconcurrency = many\n',
    );
    const ended = await installation.fatbuildrd(['--check']);
    await writeFile(join(installation.home, 'etc/fatbuildr.ini'), '');
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain('debugg');
    expect(ended.stderr).toContain('daemon.debug\n');
    expect(ended.stderr).toContain('many');
    expect(ended.stderr).not.toMatch(/^\s+at /m);
  });

  it.each([
    [
      'a list for a text',
      `tag: ${HOST_TAG}`,
      `tag: [${HOST_TAG}]`,
      /default\.yml: formats\.deb\[0\]\.tag: /,
    ],
    ['a misspelt key', 'env:', 'enb:', /default\.yml: .*enb/],
    ['broken YAML', 'gpg:', 'gpg: {', /default\.yml: .*line \d+/],
    [
      'a derivative that extends nothing',
      '',
      'derivatives: {a: {extends: b}}\n',
      /default\.yml: derivatives\.a/,
    ],
    [
      'derivatives in a circle',
      '',
      'derivatives: {a: {extends: b}, b: {extends: a}}\n',
      /default\.yml: /,
    ],
  ])('names file and key of %s in an instance', async (_what, from, to, message) => {
    const good = hostInstance('Default');
    await installation.configure({ default: from === '' ? good + to : good.replace(from, to) });
    const ended = await installation.fatbuildrd(['--check']);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
  });

  it('refuses an installation restricted to a format that this program has not', async () => {
    await installation.configure(
      { default: hostInstance('Default') },
      '[images]\nformats = deb, pkg\n',
    );
    const ended = await installation.fatbuildrd(['--check']);
    await installation.configure({}, '\n');
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain('pkg, this program has: deb');
  });

  it('refuses options it does not know, with status 2', async () => {
    const ended = await installation.fatbuildrd(['--chek']);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain('--chek');
  });

  it('says so when there is no instance', async () => {
    const empty = new Installation();
    await mkdir(join(empty.home, 'etc/instances.d'), { recursive: true });
    const ended = await empty.fatbuildrd(['--check']);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain('instances.d');
    await empty.remove();
  });
});
