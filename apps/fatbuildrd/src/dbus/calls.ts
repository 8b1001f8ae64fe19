import { EventEmitter } from 'node:events';
import { Injectable } from '@nestjs/common';

/** The calls that are being answered. */
@Injectable()
export class Calls {
  private readonly open = new Set<Promise<void>>();
  private readonly events = new EventEmitter();

  /** @param answer resolves, and never rejects, when the call is answered */
  begin(answer: Promise<void>): void {
    this.open.add(answer);
    this.events.emit('change');
    void answer.then(() => {
      this.open.delete(answer);
      this.events.emit('change');
    });
  }

  get count(): number {
    return this.open.size;
  }

  /** @param listener is called when a call has come, and when it is answered */
  onChange(listener: () => void): void {
    this.events.on('change', listener);
  }

  /** Resolves when no call is left without an answer. */
  async answered(): Promise<void> {
    while (this.open.size > 0) await Promise.all(this.open);
  }
}
