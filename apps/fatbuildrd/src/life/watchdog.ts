import { Injectable, Logger } from '@nestjs/common';
import { messageOf } from '@fatbuildr/errors';
import type { TaskLoad } from '@fatbuildr/tasks';
import { ServiceManager } from './service-manager';
import { VitalSigns } from './vital-signs';

/**
 * Gives the service manager its signs of life (systemd.service(5), "WatchdogSec"), as long as event loop,
 * database, queue and workers are alive; once they are not, it is left to notice, and to start us anew.
 */
@Injectable()
export class Watchdog {
  private readonly logger = new Logger('watchdog');
  private timer: NodeJS.Timeout | undefined;
  private looking = false;
  private healthy = true;

  constructor(
    private readonly manager: ServiceManager,
    private readonly signs: VitalSigns,
  ) {}

  start(): void {
    const { watchdog } = this.manager;
    if (watchdog === undefined) return;
    // As sd_watchdog_enabled(3) advises.
    const interval = Math.max(1, Math.floor(watchdog / 2));
    this.timer = setInterval(() => void this.look(interval), interval);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async look(interval: number): Promise<void> {
    // What the look before this one waits for is not there yet.
    if (this.looking) return;
    this.looking = true;
    try {
      const load = await this.signs.check(interval);
      if (!this.healthy) this.logger.log('all is well again');
      this.healthy = true;
      await this.manager.alive(statusOf(load));
    } catch (fault) {
      if (this.healthy) this.logger.error(`no sign of life is given: ${messageOf(fault)}`);
      this.healthy = false;
    } finally {
      this.looking = false;
    }
  }
}

export const statusOf = ({ pending, running }: TaskLoad): string =>
  pending + running === 0 ? 'idle' : `${running} running, ${pending} pending tasks`;
