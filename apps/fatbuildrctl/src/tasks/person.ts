import type { TaskPerson, TypedMessage } from '@fatbuildr/protocol';
import type { InputStream, OutputStream } from '../program-environment';

type Send = (message: TypedMessage) => Promise<void>;

/** Somebody at this terminal, whose keys go to the task while it asks for them. */
export class Typist implements TaskPerson {
  private send: Send | undefined;
  private wanted = false;
  private attached = false;

  constructor(
    private readonly keyboard: InputStream,
    private readonly window: OutputStream,
  ) {}

  connected(send: Send): void {
    this.send = send;
    this.update();
  }

  /** The terminal is as it was before. */
  disconnected(): void {
    this.send = undefined;
    this.update();
  }

  /** @param wanted whether the task takes keys at this point of its journal */
  raw(wanted: boolean): void {
    this.wanted = wanted;
    this.update();
  }

  private update(): void {
    const attach = this.wanted && this.send !== undefined;
    if (attach === this.attached) return;
    this.attached = attach;
    // Ctrl-C and the like are keys like all others.
    this.keyboard.setRawMode?.(attach);
    if (attach) {
      this.keyboard.on('data', this.type).resume();
      this.window.on('resize', this.tellSize);
      this.tellSize();
    } else {
      this.keyboard.off('data', this.type).pause();
      this.window.off('resize', this.tellSize);
    }
  }

  private readonly type = (data: Buffer) => void this.send?.({ command: 'output', data });

  private readonly tellSize = () => {
    const { rows = 0, columns = 0 } = this.window;
    void this.send?.({ command: 'window-size', rows, columns });
  };
}

/** A pipe or file, which is the standard input of the task's command. */
export class Piper implements TaskPerson {
  constructor(private readonly input: InputStream) {}

  connected(send: Send): void {
    void this.feed(send);
  }

  disconnected(): void {
    this.input.destroy();
  }

  private async feed(send: Send): Promise<void> {
    try {
      for await (const data of this.input as AsyncIterable<Buffer>) {
        await send({ command: 'output', data });
      }
    } catch {
      // What cannot be read any more has ended.
    }
    await send({ command: 'output', data: Buffer.alloc(0) });
  }
}
