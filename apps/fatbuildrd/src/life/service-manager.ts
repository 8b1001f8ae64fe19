import { Injectable, Logger } from '@nestjs/common';
import { messageOf } from '@fatbuildr/errors';
import { plainEnvironment, run } from '@fatbuildr/processes';

/** Milliseconds the service manager may take to hear us: nothing waits longer for it. */
const TIMEOUT_MS = 10_000;

/** What is told to the service manager, see sd_notify(3). */
type Notice =
  `${'READY' | 'STOPPING' | 'WATCHDOG'}=1` | `${'STATUS' | 'EXTEND_TIMEOUT_USEC'}=${string}`;

/** Tells systemd how the daemon is, where systemd started it; does nothing elsewhere. */
@Injectable()
export class ServiceManager {
  private readonly logger = new Logger('systemd');
  private readonly socket = process.env.NOTIFY_SOCKET || undefined;

  /** Milliseconds within which the service manager wants a sign of life; `undefined`: it wants none. */
  get watchdog(): number | undefined {
    const { WATCHDOG_USEC, WATCHDOG_PID } = process.env;
    const forUs = !WATCHDOG_PID || Number(WATCHDOG_PID) === process.pid;
    const milliseconds = Math.floor(Number(WATCHDOG_USEC ?? NaN) / 1000);
    return this.socket !== undefined && forUs && milliseconds > 0 ? milliseconds : undefined;
  }

  ready(status: string): Promise<void> {
    return this.notify('READY=1', `STATUS=${status}`);
  }

  /** Resolves once the service manager knows: from then on whoever wants the service gets a new one. */
  stopping(status: string): Promise<void> {
    return this.notify('STOPPING=1', `STATUS=${status}`);
  }

  alive(status: string): Promise<void> {
    return this.notify('WATCHDOG=1', `STATUS=${status}`);
  }

  /** @param milliseconds from now on, during which the service manager must not lose patience with our end */
  extendStop(milliseconds: number): Promise<void> {
    return this.notify(`EXTEND_TIMEOUT_USEC=${milliseconds * 1000}`);
  }

  /** A service manager that does not listen is no reason for anything to fail. */
  private async notify(...notices: Notice[]): Promise<void> {
    if (this.socket === undefined) return;
    try {
      await run(['systemd-notify', ...notices], {
        env: { ...plainEnvironment(), NOTIFY_SOCKET: this.socket },
        timeout: TIMEOUT_MS,
      });
    } catch (fault) {
      this.logger.warn(`systemd was not told ${notices.join(', ')}: ${messageOf(fault)}`);
    }
  }
}
