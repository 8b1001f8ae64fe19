import { chmod, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { userInfo } from 'node:os';
import { once } from 'node:events';
import { FatbuildrError } from '@fatbuildr/errors';
import { socketRelease, start, type StartedProcess } from '@fatbuildr/processes';
import writeFileAtomic from 'write-file-atomic';

/** A `dbus-daemon` of our own on a Unix socket that only the daemon's own user may use. */
export class PrivateBus {
  private constructor(
    readonly address: string,
    private readonly server: StartedProcess,
  ) {}

  static async start(socket: string): Promise<PrivateBus> {
    const folder = dirname(socket);
    await mkdir(folder, { recursive: true });
    await socketRelease(socket);
    await rm(socket, { force: true });
    const address = `unix:path=${socket}`;
    const file = join(folder, 'bus.conf');
    await writeFileAtomic(file, configuration(address, userInfo().uid), { mode: 0o600 });
    const server = start(
      ['dbus-daemon', `--config-file=${file}`, '--nofork', '--nopidfile', '--print-address=1'],
      { stdio: 'pipe' },
    );
    let complaint = '';
    server.child.stderr!.on('data', (text: Buffer) => (complaint += text.toString()));
    // The address is printed once the socket listens.
    const started = await Promise.race([
      once(server.child.stdout!, 'data').then(() => true),
      once(server.child, 'exit').then(() => false),
    ]);
    if (!started) {
      throw new FatbuildrError(
        'DBUS.PRIVATE_BUS',
        `dbus-daemon does not start on ${socket}: ${complaint.trim()}`,
        { socket },
      );
    }
    await chmod(socket, 0o600);
    return new PrivateBus(address, server);
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}

/** See dbus-daemon(1), "CONFIGURATION FILE". */
function configuration(address: string, uid: number): string {
  const escaped = address.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>${escaped}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <deny user="*"/>
    <allow user="${uid}"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;
}
