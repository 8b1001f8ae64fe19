import { userInfo } from 'node:os';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { messageOf } from '@fatbuildr/errors';
import { InstancesService } from '@fatbuildr/instances';
import { RegistriesService } from '@fatbuildr/registries';

/** How often within its validity an index is looked at; it is signed again when half of it is over. */
const LOOKS = 4;

/** Timers of Node hold less than 25 days. */
const LONGEST_INTERVAL_MS = 24 * 3600 * 1000;

/** Has the indices of all registries signed again before they expire (`[registry] validity`). */
@Injectable()
export class IndexRenewal {
  private readonly logger = new Logger('registries');
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly registries: RegistriesService,
    private readonly instances: InstancesService,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** Looks at once, as they may have expired while no daemon ran, and then regularly. */
  start(): void {
    const { validity } = this.configuration.registry;
    this.look();
    if (validity === undefined) return;
    const interval = Math.min(validity / LOOKS, LONGEST_INTERVAL_MS);
    this.timer = setInterval(() => this.look(), interval).unref();
  }

  /** Resolves when the last look is over: what it signs is whole. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  private look(): void {
    this.looking = this.looking.then(() => this.renew());
  }

  private async renew(): Promise<void> {
    const by = { task: 'index renewal', user: userInfo().username };
    for (const instance of this.instances.list()) {
      try {
        for (const index of await this.registries.resignDue(instance, by)) {
          this.logger.log(`instance ${instance.id}: signed the index of ${index} again`);
        }
      } catch (fault) {
        // The next look tries again; without a key there is nothing published that could expire.
        this.logger.warn(
          `instance ${instance.id}: indices were not signed again: ${messageOf(fault)}`,
        );
      }
    }
  }
}
