import { Injectable, Logger } from '@nestjs/common';
import { KeptBuilds } from '@fatbuildr/builds';
import { messageOf } from '@fatbuildr/errors';

/** Milliseconds between two looks. */
const INTERVAL_MS = 30_000;

/** Has containers of failed builds removed at their time, and when the disk gets full. */
@Injectable()
export class KeptBuildsSweep {
  private readonly logger = new Logger('kept builds');
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(private readonly kept: KeptBuilds) {}

  start(): void {
    this.look();
    this.timer = setInterval(() => this.look(), INTERVAL_MS).unref();
  }

  /** Resolves when the last look is over. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  private look(): void {
    this.looking = this.looking
      .then(() => this.kept.sweep())
      .catch((fault: unknown) => {
        // The next look tries again.
        this.logger.warn(`containers of failed builds were not looked after: ${messageOf(fault)}`);
      });
  }
}
