import { watch, type FSWatcher } from 'node:fs';

/** Milliseconds after which readers look again by themselves: a shared folder of another host tells nobody. */
const TICK_MS = 2000;

/** Tells the readers of one workspace that its journal may have grown; one watch serves all of them. */
export class JournalFeed {
  /** Resolves at the next change, or tick. */
  changed!: Promise<void>;
  /** Whether the task had ended when the feed looked last. */
  ended = false;
  private wake!: () => void;
  private watcher: FSWatcher | undefined;
  private readonly timer: NodeJS.Timeout;

  /** @param hasEnded asked once per tick, however many readers there are */
  constructor(
    private readonly folder: string,
    private readonly hasEnded: () => Promise<boolean>,
  ) {
    this.rearm();
    this.timer = setInterval(() => void this.tick(), TICK_MS);
  }

  /** Call before the first reader. */
  async open(): Promise<void> {
    this.watch();
    await this.look();
  }

  close(): void {
    clearInterval(this.timer);
    this.watcher?.close();
    this.wake();
  }

  private async tick(): Promise<void> {
    if (!this.ended) await this.look();
    this.stir();
  }

  private async look(): Promise<void> {
    // A database that does not answer now may do so at the next tick.
    this.ended = await this.hasEnded().catch(() => false);
  }

  private watch(): void {
    try {
      this.watcher = watch(this.folder, { persistent: false }, () => this.stir());
      this.watcher.on('error', () => this.watcher?.close());
    } catch {
      // There is nothing to watch yet, or any more: ticks suffice.
    }
  }

  private stir(): void {
    const { wake } = this;
    this.rearm();
    wake();
  }

  private rearm(): void {
    this.changed = new Promise((resolve) => (this.wake = resolve));
  }
}
