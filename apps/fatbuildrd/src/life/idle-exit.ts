import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIGURATION, formatInterval, type Configuration } from '@fatbuildr/config';
import { messageOf } from '@fatbuildr/errors';
import { TasksService } from '@fatbuildr/tasks';
import { Calls } from '../dbus/calls';
import { UPLOADS_FOLDER } from '../home';
import { VitalSigns } from './vital-signs';

/** Milliseconds after which nobody is any more expected to submit a file that was uploaded. */
const UPLOAD_ABANDONED = 3_600_000;

/**
 * Where the signatures of indices expire sooner than this, milliseconds, the daemon has to stay: the timer
 * that starts it for their renewal (fatbuildr-renewal.timer) comes every hour, and renews after half their time.
 */
const SHORT_VALIDITY = 4 * 3_600_000;

/** Notices when nobody has had anything for the daemon to do for `[daemon] idle_exit`. */
@Injectable()
export class IdleExit {
  private readonly logger = new Logger('daemon');
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly calls: Calls,
    private readonly tasks: TasksService,
    private readonly signs: VitalSigns,
  ) {}

  /** @param idle is called once, when the time is over; after another `start` it may be called again */
  start(idle: () => void): void {
    const { idleExit } = this.configuration.daemon;
    if (idleExit === undefined) return;
    const { validity } = this.configuration.registry;
    if (validity !== undefined && validity < SHORT_VALIDITY) {
      this.logger.warn(
        `[daemon] idle_exit is left aside: indices with a [registry] validity of ${formatInterval(validity)}, ` +
          `less than ${formatInterval(SHORT_VALIDITY)}, need a daemon that stays`,
      );
      return;
    }
    const restart = () => this.timer?.refresh();
    this.calls.onChange(restart);
    this.tasks.onChange(restart);
    this.resume(idle);
  }

  /** Begins to wait again, after it was found out that there is something to do. */
  resume(idle: () => void): void {
    this.timer = setTimeout(() => {
      void this.busy().then((busy) => (busy ? this.timer?.refresh() : idle()));
    }, this.configuration.daemon.idleExit);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Whether there is something to do, or will be soon. */
  private async busy(): Promise<boolean> {
    try {
      const { pending, running } = await this.signs.load();
      return pending + running > 0 || (await this.uploading()) || this.calls.count > 0;
    } catch (fault) {
      this.logger.warn(`whether there is something to do is not known: ${messageOf(fault)}`);
      return true;
    }
  }

  /** Whether a client has written a file here that it has not submitted yet: our next start removes it. */
  private async uploading(): Promise<boolean> {
    const folder = join(this.configuration.dirs.run, UPLOADS_FOLDER);
    for (const name of await readdir(folder)) {
      const entry = await stat(join(folder, name)).catch(() => undefined);
      if (entry && Date.now() - entry.mtimeMs < UPLOAD_ABANDONED) return true;
    }
    return false;
  }
}
