import { Injectable, Logger } from '@nestjs/common';
import { BusService } from '../dbus/bus.service';
import type { HomeLock } from '../home';
import { InstanceWorkers } from '../processors/instance-workers';
import { ServiceManager } from './service-manager';
import { VitalSigns } from './vital-signs';

/** How the daemon leaves its bus for want of work, so that no call and no task is lost. */
@Injectable()
export class Departure {
  private readonly logger = new Logger('daemon');

  constructor(
    private readonly bus: BusService,
    private readonly workers: InstanceWorkers,
    private readonly manager: ServiceManager,
    private readonly signs: VitalSigns,
  ) {}

  /**
   * Calls that came before the name is released are answered; for those that come later the bus starts a
   * successor, which waits for our end.
   *
   * @param lock of the home
   * @returns whether the daemon may end; otherwise it has its name again and goes on
   */
  async leave(lock: Pick<HomeLock, 'leaving'>): Promise<boolean> {
    const { gate } = this.workers;
    const replaceable = await this.bus.startsUs();
    gate.hold();
    await lock.leaving();
    // Before the name is released: from then on, systemd has whoever starts us wait for our end.
    if (replaceable) await this.manager.stopping('idle, leaving');
    await this.bus.releaseName();
    // One of the last calls may have submitted a task, which waits for somebody to run it.
    const { pending } = await this.signs.load();
    if (pending > 0 && !replaceable) {
      await lock.leaving(false);
      await this.bus.takeName();
      gate.open();
      return false;
    }
    if (pending > 0) await this.bus.startSuccessor();
    this.logger.log('nobody has anything to do for us: leaving');
    return true;
  }
}
