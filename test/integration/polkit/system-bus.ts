import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Message, sessionBus, type MessageBus } from 'dbus-next';

const PACKAGING = resolve(__dirname, '../../../packaging');
const POLKIT = 'org.freedesktop.PolicyKit1';
const POLKITD = '/usr/lib/polkit-1/polkitd';

/** Who may do what with the bus itself, as every host's /usr/share/dbus-1/system.conf has it. */
const configuration = (address: string, services: string) => `<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>${address}</listen>
  <auth>EXTERNAL</auth>
  <servicedir>${services}</servicedir>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
  </policy>
  <include>/usr/share/dbus-1/system.d/org.freedesktop.PolicyKit1.conf</include>
  <include>${join(PACKAGING, 'dbus', 'org.rackslab.Fatbuildr.conf')}</include>
</busconfig>
`;

/**
 * A bus in system mode with our policy and, if wanted, a polkitd with our actions and rules. That sees the
 * host through a mount namespace of its own, so nothing is installed and nothing remains.
 */
export class SystemBus {
  readonly address: string;
  /** Folder of the activation files, which are read at the start. */
  readonly services: string;
  private daemon: ChildProcess | undefined;
  private polkitd: ChildProcess | undefined;
  private watcher: MessageBus | undefined;

  /** @param folder that every user may enter */
  constructor(private readonly folder: string) {
    this.address = `unix:path=${join(folder, 'bus')}`;
    this.services = join(folder, 'services');
  }

  async start(): Promise<void> {
    const file = join(this.folder, 'bus.conf');
    await mkdir(this.services, { recursive: true });
    await writeFile(file, configuration(this.address, this.services));
    const argv = [`--config-file=${file}`, '--nofork', '--nopidfile', '--print-address'];
    this.daemon = spawn('dbus-daemon', argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(this.daemon.stdout!, 'data');
    this.watcher = sessionBus({ busAddress: this.address, authMethods: ['EXTERNAL'] });
    await once(this.watcher, 'connect');
  }

  /**
   * @param members of the group fatbuildr, besides those of the host's own groups
   * @param siteRules JavaScript, as an administrator's file
   */
  async startPolkit({ gid, members, siteRules }: PolkitOptions): Promise<void> {
    const [actions, rules, site, group] = ['actions', 'rules', 'site', 'group'].map((name) =>
      join(this.folder, name),
    ) as [string, string, string, string];
    for (const path of [actions, rules, site]) {
      await mkdir(path, { recursive: true });
      await chmod(path, 0o755);
    }
    const policy = 'org.rackslab.Fatbuildr.policy';
    await copyFile(join(PACKAGING, 'polkit', policy), join(actions, policy));
    await copyFile(join(PACKAGING, 'polkit', 'fatbuildr.rules'), join(rules, '50-fatbuildr.rules'));
    await writeFile(join(site, '10-site.rules'), siteRules);
    await writeFile(
      group,
      `${await readFile('/etc/group', 'utf8')}fatbuildr:x:${gid}:${members.join()}\n`,
    );
    const script = [
      `mount --bind ${actions} /usr/share/polkit-1/actions`,
      `mount --bind ${rules} /usr/share/polkit-1/rules.d`,
      `mount --bind ${site} /etc/polkit-1/rules.d`,
      `mount --bind ${group} /etc/group`,
      `exec ${POLKITD} --no-debug`,
    ].join(' && ');
    const owned = this.polkitOwned();
    this.polkitd = spawn('unshare', ['--mount', 'sh', '-c', script], {
      env: { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: this.address },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = once(this.polkitd, 'exit').then(([status]) => {
      throw new Error(`polkitd ended with status ${status}`);
    });
    ended.catch(() => undefined);
    await Promise.race([owned, ended]);
  }

  async stopPolkit(): Promise<void> {
    const { polkitd } = this;
    this.polkitd = undefined;
    if (polkitd) await end(polkitd);
  }

  async stop(): Promise<void> {
    await this.stopPolkit();
    this.watcher?.on('error', () => undefined);
    this.watcher?.disconnect();
    if (this.daemon) await end(this.daemon);
  }

  /** Resolves once polkit has its name on the bus. */
  private async polkitOwned(): Promise<void> {
    const bus = this.watcher!;
    const taken = new Promise<void>((taken) =>
      bus.on('message', ({ member, body }: Message) => {
        if (member === 'NameOwnerChanged' && body[0] === POLKIT && body[2] !== '') taken();
      }),
    );
    await bus.call(
      new Message({
        destination: 'org.freedesktop.DBus',
        path: '/org/freedesktop/DBus',
        interface: 'org.freedesktop.DBus',
        member: 'AddMatch',
        signature: 's',
        body: [`type='signal',member='NameOwnerChanged',arg0='${POLKIT}'`],
      }),
    );
    await taken;
  }
}

export interface PolkitOptions {
  gid: number;
  members: readonly string[];
  siteRules: string;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill();
  await exit;
}
