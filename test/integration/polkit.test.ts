import { chmodSync, mkdtempSync } from 'node:fs';
import {
  chmod,
  lchown,
  lstat,
  mkdir,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { loadConfiguration } from '@fatbuildr/config';
import { FORMAT_DESCRIPTIONS } from '@fatbuildr/formats';
import { loadInstances } from '@fatbuildr/instances';
import { INSTANCE_INTERFACE, MANAGER_INTERFACE, MANAGER_PATH } from '@fatbuildr/protocol-dbus';
import { run } from '@fatbuildr/processes';
import { Daemon } from '../../apps/fatbuildrd/src/daemon';
import { interfaceOf, type DbusMember } from '../../apps/fatbuildrd/src/dbus/dbus.decorators';
import { DBUS_OBJECTS } from '../../apps/fatbuildrd/src/dbus/objects';
import { Caller, type Answer } from './polkit/caller';
import { SystemBus } from './polkit/system-bus';

jest.setTimeout(60_000);

const INSTANCE = `${MANAGER_PATH}/Instances/default`;
const NOT_AUTHORIZED = 'org.rackslab.Fatbuildr.ErrorNotAuthorized';

/** Accounts every Debian host has (base-passwd); the group is the test's own. */
const GROUP = 64_000;
const USERS = {
  root: { uid: 0, gids: [0] },
  /** Member of the group fatbuildr. */
  daemon: { uid: 1, gids: [1, GROUP] },
  /** May view registries and tasks by the site's rules. */
  games: { uid: 5, gids: [60] },
  stranger: { uid: 65_534, gids: [65_534] },
};

const SITE_RULES = `polkit.addRule(function (action, subject) {
  if (subject.user !== 'games') return;
  if (/\\.(view-registry|view-task)$/.test(action.id)) return 'yes';
});
`;

const INSTANCE_FILE = `name: Default
gpg:
  name: ACME
  email: packages@acme.example
formats:
  deb:
    - name: bookworm
      env: bookworm
      tag: deb12
architectures: [x86_64]
`;

/** Arguments of the right types for something that does not exist: enough to be let in or refused. */
const ARGUMENT: Record<string, unknown> = {
  s: 'none-such',
  i: 1,
  b: false,
  as: [],
  'a{sv}': {},
  'aa{sv}': [],
};

const MEMBERS = DBUS_OBJECTS.flatMap((object) => {
  const { name, perInstance, path, members } = interfaceOf(object)!;
  return members.map((member) => ({ ...member, of: name, at: perInstance ? INSTANCE : path }));
});

function use(caller: Caller, member: DbusMember & { of: string; at: string }): Promise<Answer> {
  if (member.kind === 'property') return caller.get(member.at, member.of, member.name);
  const types = Object.values(member.in);
  const body = types.map((type) => ARGUMENT[type]);
  return caller.call(member.at, member.of, member.name, types.join(''), body);
}

describe('a daemon on the system bus', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fatbuildr-polkit-'));
  chmodSync(folder, 0o755);
  const bus = new SystemBus(folder);
  const home = join(folder, 'home');
  const { PATH, DBUS_SYSTEM_BUS_ADDRESS } = process.env;
  let running: Daemon;
  let callers: Record<keyof typeof USERS, Caller>;

  beforeAll(async () => {
    await bus.start();
    await bus.startPolkit({ gid: GROUP, members: ['daemon'], siteRules: SITE_RULES });
    await mkdir(join(home, 'etc', 'instances.d'), { recursive: true });
    await writeFile(join(home, 'etc', 'instances.d', 'default.yml'), INSTANCE_FILE);
    // The user database of this host, with the group.
    await mkdir(join(folder, 'bin'));
    await writeFile(
      join(folder, 'bin', 'getent'),
      `#!/bin/sh\nif [ "$*" = 'group fatbuildr' ]; then echo fatbuildr:x:${GROUP}:daemon; exit; fi\n` +
        `PATH='${PATH}'\nexec getent "$@"\n`,
    );
    await chmod(join(folder, 'bin', 'getent'), 0o755);
    process.env.PATH = `${join(folder, 'bin')}:${PATH}`;
    process.env.DBUS_SYSTEM_BUS_ADDRESS = bus.address;
    const env = { FATBUILDR_DAEMON_BUS: 'system', FATBUILDR_KEYRING_TYPE: 'ed25519' };
    const configuration = loadConfiguration({ home, env });
    const instances = await loadInstances(configuration.dirs.instances, FORMAT_DESCRIPTIONS);
    const lost = (reason: string) => expect(reason).toBe('');
    const events = { lost, idle: () => undefined };
    ({ daemon: running } = await Daemon.start(configuration, instances, events));
    const entries = Object.entries(USERS).map(([name, { uid, gids }]) => [
      name,
      Caller.start(bus.address, uid, gids),
    ]);
    callers = Object.fromEntries(entries) as typeof callers;
  });

  afterAll(async () => {
    for (const caller of Object.values(callers ?? {})) await caller.stop();
    await running?.stop();
    await bus.stop();
    process.env.PATH = PATH;
    if (DBUS_SYSTEM_BUS_ADDRESS === undefined) delete process.env.DBUS_SYSTEM_BUS_ADDRESS;
    else process.env.DBUS_SYSTEM_BUS_ADDRESS = DBUS_SYSTEM_BUS_ADDRESS;
    await rm(folder, { recursive: true });
  });

  describe.each(MEMBERS.map((member) => [member.name, member] as const))('%s', (_name, member) => {
    const { requires } = member;
    const anybody = requires === 'none';

    it('lets root in', async () => {
      expect((await use(callers.root, member)).error).not.toBe(NOT_AUTHORIZED);
    });

    it(`${requires?.endsWith('-as') ? 'refuses' : 'lets in'} a member of the group`, async () => {
      const { error } = await use(callers.daemon, member);
      expect(error === NOT_AUTHORIZED).toBe(requires!.endsWith('-as'));
    });

    it(`${anybody ? 'lets in' : 'refuses'} a stranger`, async () => {
      const { error, text } = await use(callers.stranger, member);
      expect(error === NOT_AUTHORIZED).toBe(!anybody);
      if (!anybody) {
        expect(text).toBe(
          `user nobody is not authorized for the action org.rackslab.Fatbuildr.${requires}, ask the administrator of this host`,
        );
      }
    });

    it('follows the rules of the site for the actions they are about', async () => {
      const { error } = await use(callers.games, member);
      expect(error === NOT_AUTHORIZED).toBe(!anybody && !/^view-(registry|task)$/.test(requires!));
    });
  });

  const all = async (caller: Caller, path: string, of: string) => {
    const { value } = await caller.call(path, 'org.freedesktop.DBus.Properties', 'GetAll', 's', [
      of,
    ]);
    return Object.keys((value as [object])[0]);
  };

  it('shows of all properties those the sender may see', async () => {
    expect(await all(callers.stranger, INSTANCE, INSTANCE_INTERFACE)).toEqual([]);
    expect(await all(callers.games, INSTANCE, INSTANCE_INTERFACE)).toEqual([
      'Queue',
      'RunningTasks',
      'Formats',
    ]);
    expect(await all(callers.daemon, INSTANCE, INSTANCE_INTERFACE)).toEqual(
      expect.arrayContaining(['Instance', 'PipelinesFormats', 'Queue', 'Formats']),
    );
    expect(await all(callers.stranger, MANAGER_PATH, MANAGER_INTERFACE)).toEqual(['Version']);
  });

  it('lets nobody but root be the daemon', async () => {
    for (const caller of [callers.stranger, callers.daemon]) {
      expect((await caller.own('org.rackslab.Fatbuildr')).error).toBe(
        'org.freedesktop.DBus.Error.AccessDenied',
      );
    }
  });

  const instance = async (
    caller: Caller,
    member: string,
    signature = '',
    body: unknown[] = [],
  ): Promise<Answer & { result: unknown }> => {
    const answer = await caller.call(INSTANCE, INSTANCE_INTERFACE, member, signature, body);
    return { ...answer, result: (answer.value as unknown[] | undefined)?.[0] };
  };

  type Fields = Record<'user' | 'place' | 'state', { value: string }>;
  const task = async (id: unknown) =>
    (await instance(callers.root, 'Task', 's', [id])).result as Fields;

  /** Submits a task and waits for its end, good or bad. */
  const endedTask = async () => {
    const { result: id } = await instance(callers.root, 'KeyringRenew', 's', ['1y']);
    while ((await task(id)).state.value !== 'finished') await delay(20);
    return id;
  };

  it('makes no task of a renewal for a time that is none', async () => {
    const history = () => instance(callers.root, 'History', 'i', [0]);
    const before = await history();
    expect(await instance(callers.root, 'KeyringRenew', 's', ['nonsense'])).toMatchObject({
      error: 'org.rackslab.Fatbuildr.ErrorArgument',
      text: 'argument duration: expected "no" or a duration such as 10 (days), 3w, 6m or 2y, got "nonsense"',
    });
    expect(await history()).toEqual(before);
    expect((await callers.root.get(INSTANCE, INSTANCE_INTERFACE, 'Queue')).value).toEqual([
      { signature: 'aa{sv}', value: [] },
    ]);
  });

  it('lets nobody retry what they could not have submitted', async () => {
    const id = await endedTask();
    const { error, text } = await instance(callers.games, 'TaskRetry', 's', [id]);
    expect(error).toBe(NOT_AUTHORIZED);
    expect(text).toContain('org.rackslab.Fatbuildr.edit-keyring');
    const { result: again } = await instance(callers.daemon, 'TaskRetry', 's', [id]);
    expect((await task(again)).user.value).toBe('daemon');
  });

  it('lets the group read what tasks print, and no others', async () => {
    const { place } = await task(await endedTask());
    const journal = join(place.value, 'task.journal');
    expect((await callers.daemon.file('read', journal)).value).toMatch(/Task (failed|succeeded)/);
    expect((await callers.games.file('read', journal)).error).toBe('EACCES');
  });

  describe('a submission', () => {
    let uploads: string;
    beforeAll(async () => {
      uploads = String((await instance(callers.daemon, 'Uploads')).result);
    });

    const submit = (
      caller: Caller,
      member: 'Build' | 'BuildAs',
      tarball: string,
      { user, sources = [] }: { user?: string; sources?: readonly object[] } = {},
    ) => {
      const words = ['ACME', 'packages@acme.example', 'message', tarball];
      const build = ['deb', 'bookworm', ['x86_64'], 'main', 'hello', ...words, sources, false];
      const signature = 'ssasssssssaa{sv}b';
      return member === 'Build'
        ? instance(caller, member, signature, build)
        : instance(caller, member, `s${signature}`, [user, ...build]);
    };

    it('is put where all may write and none may look around', async () => {
      expect((await stat(uploads)).mode & 0o7777).toBe(0o1733);
      expect((await callers.stranger.file('list', uploads)).error).toBe('EACCES');
      expect((await callers.stranger.file('write', join(uploads, 'theirs', 'file'))).error).toBe(
        undefined,
      );
      expect((await callers.daemon.file('read', join(uploads, 'theirs', 'file'))).error).toBe(
        'EACCES',
      );
    });

    it('is a task of the sender', async () => {
      const tarball = join(uploads, 'one', 'hello.tar.gz');
      await callers.daemon.file('write', tarball);
      const { result, text } = await submit(callers.daemon, 'Build', tarball);
      expect(text).toBeUndefined();
      expect((await task(result)).user.value).toBe('daemon');
    });

    it('is a task of the user the sender may speak for', async () => {
      const tarball = join(uploads, 'two', 'hello.tar.gz');
      await callers.root.file('write', tarball);
      const { result } = await submit(callers.root, 'BuildAs', tarball, {
        user: 'ada@acme.example',
      });
      expect((await task(result)).user.value).toBe('ada@acme.example');
      const unnamed = await submit(callers.root, 'BuildAs', tarball, { user: '' });
      expect(unnamed.text).toBe('argument user: expected a name without blanks, got ""');
    });

    it('is refused with the file of another user, which stays where it is', async () => {
      const tarball = join(uploads, 'three', 'hello.tar.gz');
      await callers.root.file('write', tarball);
      const { error, text } = await submit(callers.daemon, 'Build', tarball);
      expect(error).toMatch(/^org\.rackslab\.Fatbuildr\.Error/);
      expect(text).toContain(`"${tarball}" is refused: it belongs to another user`);
      expect((await stat(tarball)).size).toBe(7);
    });

    it.each([
      ['a pipe', 'it is not a regular file', (path: string) => run(['mkfifo', path])],
      ['a symbolic link', 'it is a symbolic link', (path: string) => symlink('/etc/passwd', path)],
    ])('is refused at once with %s, as definition or as source', async (what, reason, make) => {
      const folder = join(uploads, what);
      const good = join(folder, 'hello.tar.gz');
      const bad = join(folder, 'bad.tar.gz');
      const { uid } = USERS.daemon;
      await callers.daemon.file('write', good);
      await make(bad);
      await lchown(bad, uid, uid);
      const tasks = await readdir(join(home, 'workspaces/default'));
      const source = {
        id: { signature: 's', value: 'hello' },
        path: { signature: 's', value: bad },
      };
      for (const [tarball, sources] of [
        [bad, []],
        [good, [source]],
      ] as const) {
        const { error, text } = await submit(callers.daemon, 'Build', tarball, { sources });
        expect(error).toBe('org.rackslab.Fatbuildr.ErrorTask');
        expect(text).toContain(`"${bad}" is refused: ${reason}`);
      }
      expect(await readdir(join(home, 'workspaces/default'))).toEqual(tasks);
      expect((await lstat(bad)).isFile()).toBe(false);
    });
  });

  it('without polkit serves root alone, and tells others why', async () => {
    await bus.stopPolkit();
    const queue = (caller: Caller) => caller.get(INSTANCE, INSTANCE_INTERFACE, 'Queue');
    expect((await queue(callers.root)).error).toBeUndefined();
    expect(await queue(callers.daemon)).toEqual({
      error: NOT_AUTHORIZED,
      text: 'user daemon is not authorized: polkit did not decide on the action org.rackslab.Fatbuildr.view-task: it does not run on this host, install polkitd',
    });
  });
});
