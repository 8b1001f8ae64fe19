import { HOST_CODENAME } from './host';
import { debPackaging } from './definitions';
import type { DebWorkshop } from './deb-workshop';
import type { Sitting } from './sitting';

/** Fills the screen, says which key was pressed, and leaves the screen as it was, as editors do. */
const FULL_SCREEN = `tput smcup; tput cup 5 10; echo full screen; read -rsn1 key; tput rmcup; echo "key <$key>"`;

const enter = (sitting: Sitting, line: string) => sitting.type(`${line}\r`);

/** Shells in images, environments and failed builds; the workshop has image, environment and keyring. */
export function tellShellStory(open: () => DebWorkshop): void {
  const installation = () => open().installation;

  it('a command prints to our standard output alone, and passes on its exit status', async () => {
    const ended = await installation().ctl('images', 'shell', '--', 'sh', '-c', 'echo out; exit 7');
    expect(ended).toMatchObject({ status: 7, stdout: 'out\n' });
    expect(ended.stderr).toContain('Task failed: the command exited with status 7');
    const [last] = await installation().json<{ exit_status: number }[]>('history');
    expect(last).toMatchObject({ name: 'image shell', result: 'failed', exit_status: 7 });
  });

  tellEnvironmentShellStory(open);

  it('an image keeps what was done in a shell, which ends well however it is left', async () => {
    const sitting = installation().sit('images', 'shell');
    await sitting.prints('when you leave it, by "exit" or Ctrl-D');
    await sitting.prints('# ');
    enter(sitting, 'echo $TERM; stty size; touch /left');
    await sitting.prints('xterm\n33 101');
    enter(sitting, 'exit 5');
    expect(await sitting.ended()).toEqual({ status: 0, restored: true });
    expect(sitting.text).toContain('Task succeeded');
    const shell = ['images', 'shell', '--'];
    expect(await installation().ctl(...shell, 'test', '-e', '/left')).toMatchObject({ status: 0 });
    expect(await installation().ctl(...shell, 'rm', '/left')).toMatchObject({ status: 0 });
  });

  it('a full-screen program has the screen and every key', async () => {
    const command = ['images', 'env-shell', '--', 'bash', '-c', FULL_SCREEN];
    const sitting = installation().sit(...command);
    await sitting.prints('full screen');
    expect(sitting.raw).toContain('\x1b[6;11H');
    sitting.type('x');
    await sitting.prints('key <x>');
    expect(await sitting.ended()).toEqual({ status: 0, restored: true });
  });

  it('a terminal that is closed leaves the shell to who comes back', async () => {
    const lost = installation().sit('images', 'env-shell');
    await lost.prints('# ');
    enter(lost, 'echo $((40 + 1))');
    await lost.prints('41');
    lost.hangUp();
    const found = installation().sit('watch');
    await found.prints('41');
    enter(found, 'echo $((40 + 2))');
    await found.prints('42');
    enter(found, 'exit');
    expect(await found.ended()).toEqual({ status: 0, restored: true });
  });

  tellFailedBuildShellStory(open, /dpkg-buildpackage.*status 2/);

  it('a build without terminal cannot ask for one', async () => {
    const ended = await open().build('greet', '-i');
    expect(ended.status).toBe(2);
    expect(ended.stderr).toMatch(/^fatbuildrctl: .*no terminal.*\n$/);
  });
}

/** Shells in environments, whatever tool makes them. */
export function tellEnvironmentShellStory(open: () => DebWorkshop): void {
  const installation = () => open().installation;

  it('a shell reads what is piped into it, to its end', async () => {
    const ended = await installation().pipe('echo "$((6 * 7))"\nexit 3\n', 'images', 'env-shell');
    expect(ended).toMatchObject({ status: 3, stdout: '42\n' });
  });

  it('an environment stays as it was', async () => {
    const shell = ['images', 'env-shell', '-d', HOST_CODENAME, '--'];
    expect(await installation().ctl(...shell, 'touch', '/left')).toMatchObject({ status: 0 });
    expect(await installation().ctl(...shell, 'test', '-e', '/left')).toMatchObject({ status: 1 });
  });
}

/**
 * Shells where a build failed, whatever tool builds.
 *
 * @param reason why the build failed, as the task tells it
 */
export function tellFailedBuildShellStory(open: () => DebWorkshop, reason: RegExp): void {
  const installation = () => open().installation;

  it('a failed build opens one where it failed, for two terminals at once', async () => {
    const { definitions } = open();
    await open().define('stuck', '1', (files) => ({
      ...files,
      ...debPackaging('stuck', { rules: 'override_dh_auto_build:\n\texit 3\n' }),
    }));
    const one = installation().sit(
      ...['build', '-i', '-a', 'stuck', '-b', definitions, '-d', HOST_CODENAME],
      ...['-n', 'Tester', '-e', 'tester@acme.example', '-m', 'Build'],
    );
    await one.prints('A shell in the container of the build');
    await one.prints('$ ');
    enter(one, 'echo $(id -un) $PWD ${DEB_BUILD_OPTIONS%=*} $(ls -d debian)');
    await one.prints('fatbuildr-build /build/source parallel debian\n');
    const other = installation().sit('watch');
    await other.prints('fatbuildr-build /build/source');
    await other.resize(20, 60);
    // Keys are faster than the news of the size, whose rows come before its columns.
    enter(other, 'until stty size | grep "20 60"; do :; done');
    await one.prints('\n20 60');
    // In short sleeps: a key that comes just before one begins does not reach the sleep itself.
    enter(one, `sh -c 'trap "echo caught; exit 9" INT; echo asleep; while :; do sleep 0.1; done'`);
    await one.prints('asleep\n');
    one.type('\x03');
    await one.prints('caught\n');
    enter(one, 'echo status: $?');
    await other.prints('status: 9');
    enter(other, 'exit 0');
    for (const sitting of [one, other]) {
      expect(await sitting.ended()).toEqual({ status: 1, restored: true });
      expect(sitting.text).toMatch(new RegExp(`Task failed: step binaries.*${reason.source}`));
    }
  });
}
