import { LogLevel } from '@fatbuildr/protocol';
import { parse } from 'yaml';
import { programHelp } from './program';
import { MemoryClient } from './testing/memory-client';
import { ProgramHarness, type Outcome } from './testing/program-harness';

describe('fatbuildrctl', () => {
  let client: MemoryClient;
  let harness: ProgramHarness;
  const run = (...args: string[]): Promise<Outcome> => harness.run(...args);

  beforeEach(() => {
    client = new MemoryClient();
    harness = new ProgramHarness(client);
  });

  describe('list', () => {
    it('shows the running task before those that wait', async () => {
      await client.submit({ name: 'keyring creation' });
      await client.submit({ name: 'image update', format: 'deb' }, 'running');
      const { status, stdout } = await run('list');
      expect(status).toBe(0);
      expect(stdout).toMatch(/^ID +TASK +SUBJECT +USER +SUBMITTED +STATE\n/);
      expect(stdout).toMatch(/task-2 .*image update.*running\ntask-1 .*keyring creation.*pending/s);
      expect(client.closed).toBe(true);
    });

    it('says when there is nothing', async () => {
      expect((await run('list')).stdout).toBe('No task is running or waiting.\n');
    });

    it.each([
      ['-o', 'json', 'list'],
      ['list', '-o', 'json'],
    ])('prints the structures alone as JSON (%s %s %s)', async (...args) => {
      await client.submit({ name: 'keyring creation' });
      expect(JSON.parse((await run(...args)).stdout)).toEqual(client.tasks);
    });

    it('prints YAML', async () => {
      await client.submit({ name: 'keyring creation' });
      expect(parse((await run('-o', 'yaml', 'list')).stdout)).toEqual(client.tasks);
    });

    it('keeps control characters of others off the terminal', async () => {
      await client.submit({ name: 'image update', format: 'd\x1b]0;evil\x07eb' });
      expect((await run('list')).stdout).toContain('d?]0;evil?eb');
    });
  });

  describe('a command that submits a task', () => {
    it('prints the id, what the task prints, and succeeds', async () => {
      client.journal = [
        { command: 'log', level: LogLevel.debug, message: 'hidden' },
        { command: 'log', level: LogLevel.info, message: 'Step create' },
        { command: 'output', data: Buffer.from('no end of line') },
        { command: 'log', level: LogLevel.warning, message: 'weak key' },
      ];
      expect(await run('keyring', 'create')).toEqual({
        status: 0,
        stdout: [
          'Task task-1 submitted: keyring creation',
          '[info] Step create',
          'no end of line',
          '[warning] weak key',
          '[info] Task succeeded',
          '',
        ].join('\n'),
        stderr: '',
      });
    });

    it('shows debugging records with --debug', async () => {
      client.journal = [{ command: 'log', level: LogLevel.debug, message: 'shown' }];
      expect((await run('--debug', 'keyring', 'create')).stdout).toContain('[debug] shown');
    });

    it('exits 1 when the task fails', async () => {
      client.result = 'failed';
      const { status, stdout } = await run('keyring', 'renew', '--duration', '3w');
      expect(status).toBe(1);
      expect(stdout).toContain('[error] Task failed: binaries: exit status 2');
      expect(client.tasks[0]).toMatchObject({ name: 'keyring renewal', duration: '3w' });
    });

    it('only submits with --batch', async () => {
      client.result = 'failed';
      const { status, stdout } = await run('keyring', 'create', '--batch');
      expect(status).toBe(0);
      expect(stdout).toBe('Task task-1 submitted: keyring creation\n');
    });

    it('prints the task alone as JSON, its output beside', async () => {
      client.journal = [{ command: 'output', data: Buffer.from('noise\n') }];
      const { stdout, stderr } = await run('-o', 'json', 'keyring', 'create');
      expect(JSON.parse(stdout)).toMatchObject({ id: 'task-1', result: 'success' });
      expect(stderr).toContain('noise');
    });

    it('leaves the task running at Ctrl-C and says so', async () => {
      client.journal = [{ command: 'output', data: Buffer.from('begun\n') }];
      client.hangAfter = 0;
      const ended = run('keyring', 'create');
      // The follower registers for Ctrl-C before it waits for the first message.
      while (client.tasks.length === 0) await new Promise(setImmediate);
      await new Promise(setImmediate);
      harness.interrupt();
      expect(await ended).toMatchObject({
        status: 130,
        stderr: 'fatbuildrctl: task task-1 goes on; follow it with: fatbuildrctl watch task-1\n',
      });
      expect(client.tasks[0]?.state).toBe('pending');
    });
  });

  describe('images', () => {
    it('submits a task for each match and goes on after a failed one', async () => {
      client.distributions = { deb: ['bookworm'], rpm: ['el9'] };
      client.result = 'failed';
      const { status } = await run('images', 'create', '--force');
      expect(status).toBe(1);
      expect(client.tasks).toMatchObject([
        { name: 'image creation', format: 'deb', force: true },
        { name: 'image creation', format: 'rpm', force: true },
      ]);
    });

    it('creates the environments that the filters leave', async () => {
      await run('images', 'env-create', '-d', 'trixie', '-a', 'x86_64');
      expect(client.tasks).toMatchObject([
        { name: 'image build environment creation', environment: 'trixie', architecture: 'x86_64' },
      ]);
    });
  });

  describe('registry', () => {
    const artifact = (name: string, architecture: string) => ({
      name,
      architecture,
      version: '1.0-1',
      size: 1500,
    });
    beforeEach(() => {
      client.published = [
        artifact('hello', 'src'),
        artifact('hello', 'x86_64'),
        artifact('libhello', 'x86_64'),
      ];
    });

    it('lists by default, filtered by a part of the name', async () => {
      const { stdout } = await run('registry', '-d', 'bookworm', '-a', 'lib');
      expect(stdout).toMatch(/NAME .*\nlibhello +x86_64 +1\.0-1 +1\.5 kB\n$/);
    });

    it('passes on the message of the daemon', async () => {
      expect(await run('registry', 'list', '-d', 'sid')).toEqual({
        status: 1,
        stdout: '',
        stderr: 'fatbuildrctl: unknown distribution sid\n',
      });
    });

    it('deletes a source with its binaries in one task, and names them', async () => {
      const { status, stderr } = await run('registry', 'delete', '-d', 'bookworm', '-a', 'hello');
      expect(status).toBe(0);
      expect(client.calls).toEqual(['delete hello src']);
      expect(stderr).toContain('libhello');
    });

    it('wants to be sure when a script names several artifacts', async () => {
      const args = ['registry', 'delete', '-d', 'bookworm', '-a', 'ell'];
      client.published = [artifact('hello', 'x86_64'), artifact('jelly', 'x86_64')];
      expect(await run(...args)).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('several artifacts match: hello, jelly') as string,
      });
      expect(client.calls).toEqual([]);
      expect((await run(...args, '--yes')).status).toBe(0);
      expect(client.calls).toEqual(['delete hello x86_64', 'delete jelly x86_64']);
    });

    it('shows changelog of the source and content of the binary', async () => {
      const changelog = await run('registry', 'changelog', '-d', 'bookworm', '-a', 'hello');
      expect(changelog.stdout).toContain('- First build');
      const content = await run('registry', 'content', '-d', 'bookworm', '-a', 'hello');
      expect(content.stdout).toBe('f          42 /usr/bin/hello\n');
      expect(client.calls).toEqual(['changelog src hello', 'content x86_64 hello']);
    });

    it('searches and reindexes', async () => {
      expect((await run('registry', 'search', 'libh')).stdout).toMatch(
        /deb +bookworm +main +libhello/,
      );
      expect((await run('registry', 'reindex')).status).toBe(0);
      expect(client.tasks).toMatchObject([{ name: 'registry reindexing', format: 'deb' }]);
    });
  });

  describe('watch and history', () => {
    it('watches the running task', async () => {
      await client.submit({ name: 'keyring creation' }, 'running');
      client.result = 'failed';
      expect(await run('watch')).toEqual({
        status: 1,
        stdout: '[error] Task failed: binaries: exit status 2\n',
        stderr: '',
      });
    });

    it('says when none runs, and when the id is unknown', async () => {
      expect((await run('watch')).stderr).toContain('no task is running');
      expect((await run('watch', 'nope')).stderr).toBe('fatbuildrctl: no task has the id nope\n');
    });

    it('lists the newest finished tasks, ten by default', async () => {
      for (let count = 0; count < 12; count += 1) {
        await client.submit({ name: 'keyring creation' }, 'finished');
      }
      const ids = (outcome: Outcome) => outcome.stdout.match(/task-\d+/g);
      expect(ids(await run('history'))).toHaveLength(10);
      expect(ids(await run('history', 'list', '--limit', '2'))).toEqual(['task-12', 'task-11']);
    });

    it('shows when a finished task was submitted, how long it took, how it ended and why', async () => {
      await client.submit({ name: 'keyring creation' }, 'finished');
      const reason = 'step create:\nno room';
      const times = { submission: 1_762_164_000, started: 1_762_164_010, ended: 1_762_164_135 };
      Object.assign(client.tasks[0]!, { result: 'failed', reason, ...times });
      expect((await run('history')).stdout).toMatch(
        /^ID.* SUBMITTED +TOOK +RESULT +REASON\n.* \d\d:\d\d:\d\d +2:05 +failed +step create: no room\n$/,
      );
    });

    it('asks the daemon for the tasks that the options name', async () => {
      await run(
        ...['history', '-a', 'hel', '--user', 'jane', '--result', 'failed', '-f', 'deb'],
        ...['-d', 'trixie', '--derivative', 'main', '--task-type', 'artifact build'],
        ...['--since', '2026-11-03T00:00Z', '--until', '2026-11-04T00:00Z', '-n', '5'],
      );
      expect((await run('list', '--state', 'running')).stdout).toBe(
        'No task fits these options.\n',
      );
      await run('list');
      expect(client.filters).toEqual([
        {
          ...{ states: ['finished'], artifact: 'hel', user: 'jane', result: 'failed' },
          ...{ format: 'deb', distribution: 'trixie', derivative: 'main', name: 'artifact build' },
          ...{ since: 1_793_664_000, until: 1_793_750_400, limit: 5 },
        },
        { states: ['running'] },
        { states: ['running', 'pending'] },
      ]);
    });

    it('lists every running task before those that wait, in their order', async () => {
      for (const state of ['running', 'pending', 'running', 'pending'] as const) {
        await client.submit({ name: 'keyring creation' }, state);
      }
      expect((await run('list')).stdout.match(/task-\d/g)).toEqual(
        [1, 3, 2, 4].map((number) => `task-${number}`),
      );
    });
  });

  describe('history purge', () => {
    it('follows its task, or only submits it with --batch', async () => {
      expect((await run('history', 'purge')).stdout).toBe(
        'Task task-1 submitted: history purge\n[info] Task succeeded\n',
      );
      await run('history', 'purge', '--batch');
      expect(client.tasks).toMatchObject([
        { name: 'history purge', state: 'finished' },
        { name: 'history purge', state: 'pending' },
      ]);
    });
  });

  describe('cancel', () => {
    it('tells a task that will not run from one that has to stop first', async () => {
      await client.submit({ name: 'keyring creation' });
      await client.submit({ name: 'image update', format: 'deb' }, 'running');
      expect((await run('cancel', 'task-1')).stdout).toBe(
        'Task task-1 is cancelled, it will not run.\n',
      );
      expect((await run('cancel', 'task-2')).stdout).toBe('Task task-2 was told to stop.\n');
      expect(client.calls).toEqual(['cancel task-1', 'cancel task-2']);
    });

    it('passes on why the daemon refuses it, and wants a task', async () => {
      await client.submit({ name: 'keyring creation' }, 'finished');
      expect(await run('cancel', 'task-1')).toMatchObject({
        status: 1,
        stderr: 'fatbuildrctl: task task-1 has ended\n',
      });
      expect(await run('cancel')).toMatchObject({
        status: 2,
        stderr: expect.stringContaining("missing required argument 'task'") as string,
      });
    });
  });

  describe('retry', () => {
    it('follows the new task, which names the old one in the history', async () => {
      await client.submit({ name: 'keyring creation' }, 'finished');
      const { status, stdout } = await run('retry', 'task-1');
      expect({ status, stdout }).toEqual({
        status: 0,
        stdout: 'Task task-2 submitted: retry of task-1\n[info] Task succeeded\n',
      });
      expect((await run('history')).stdout).toMatch(/task-2 .*keyring creation .*retry of task-1/);
    });

    it('only submits with --batch', async () => {
      await client.submit({ name: 'keyring creation' }, 'finished');
      client.result = 'failed';
      expect(await run('retry', 'task-1', '--batch')).toMatchObject({ status: 0 });
      expect(client.tasks[1]).toMatchObject({ state: 'pending', retries: 'task-1' });
    });
  });

  describe('keyring', () => {
    it('shows the key and exports it', async () => {
      expect((await run('keyring')).stdout).toMatch(/Fingerprint +F00D\n/);
      expect((await run('keyring', 'export')).stdout).toBe(
        '-----BEGIN PGP PUBLIC KEY BLOCK-----\n',
      );
    });
  });

  describe('wrong usage', () => {
    it.each([
      [['lst'], "unknown command 'lst' (did you mean list?)"],
      [['registry', 'lst', '-d', 'x'], 'unknown command "registry lst"'],
      [
        ['build', '-a', 'x', '--distributoin', 'y'],
        "unknown option '--distributoin' (did you mean --distribution?)",
      ],
      [['build'], "required option '-a, --artifact <name>' not specified"],
      [['images'], '"images" needs one of its commands: create, update, env-create, env-update'],
      [['list', 'extra'], 'unexpected argument "extra"'],
      [['list', '-o', 'xml'], 'unknown output format "xml"'],
      [['history', '--limit', 'x'], 'option --limit needs a number'],
      [['history', '--result', 'sucess'], 'unknown result "sucess", there are: success, failed'],
      [['list', '--state', 'x'], 'unknown state "x", there are: pending, running, finished'],
      [['list', '--since', 'noon'], 'option --since needs a date'],
      [['completion', 'tcsh'], 'unknown shell "tcsh", there are: bash, zsh, fish'],
      [['--uri', 'http://acme.example', 'list'], 'must be dbus://system/<instance>'],
    ])('exits 2 and says what is wrong with %j', async (args, message) => {
      const { status, stdout, stderr } = await run(...args);
      expect(stderr).toContain(message);
      expect(stderr).toMatch(/^fatbuildrctl: [^\n]+\n$/);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    });
  });

  it('prints completions made from the commands', async () => {
    const bash = await run('completion', 'bash');
    expect(bash.stdout).toContain("'registry delete') candidates='");
    const fish = await run('completion', 'fish');
    expect(fish.stdout).toContain('-a env-create');
  });

  it('has a help for the program and for every command', async () => {
    const texts = await programHelp();
    expect(texts['']).toContain('Usage: fatbuildrctl [general options] <command> [options]');
    expect(texts['build']).toContain('--include-git-untracked');
    expect(Object.keys(texts)).toContain('images env-update');
    expect(texts['registry list']).not.toContain('--no-color');
  });
});
