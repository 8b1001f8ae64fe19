import type { OutputStream } from '../program-environment';
import { readableDuration } from './table';

const FRAMES = ['|', '/', '-', '\\'];
const REDRAW_MS = 150;
/** Some terminals do not tell their width, or tell 0. */
const DEFAULT_COLUMNS = 80;
const CLEAR_LINE = '\r\x1b[2K';

/**
 * A line below the output of a task that says what it does and for how long. It is only drawn on a
 * terminal, and only while the output ends with a line, so that it never cuts one in two.
 */
export class StatusLine {
  private timer: NodeJS.Timeout | undefined;
  private frame = 0;
  private drawn = false;
  private text = '';
  private since = Date.now();

  /** @param detail shown in place of the text and its time while there is some */
  constructor(
    private readonly stream: OutputStream,
    private readonly lineIsOpen: () => boolean,
    private readonly detail: () => string | undefined = () => undefined,
  ) {}

  start(text: string): void {
    if (!this.stream.isTTY) return;
    this.change(text);
    this.timer = setInterval(() => this.draw(), REDRAW_MS);
  }

  change(text: string): void {
    this.text = text;
    this.since = Date.now();
  }

  /** Call before anything else is written. */
  clear(): void {
    if (this.drawn) this.stream.write(CLEAR_LINE);
    this.drawn = false;
  }

  stop(): void {
    this.clear();
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private draw(): void {
    if (this.lineIsOpen()) return;
    this.frame = (this.frame + 1) % FRAMES.length;
    const elapsed = readableDuration((Date.now() - this.since) / 1000);
    const line = `${FRAMES[this.frame]} ${this.detail() ?? `${this.text} (${elapsed})`}`;
    this.stream.write(CLEAR_LINE + line.slice(0, (this.stream.columns || DEFAULT_COLUMNS) - 1));
    this.drawn = true;
  }
}
