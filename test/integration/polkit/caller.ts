import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BUS_NAME } from '@fatbuildr/protocol-dbus';

/** What came of a request: a value, or the name of an error and its text. */
export interface Answer {
  value?: unknown;
  error?: string;
  text?: string;
}

/** A process of another user that is connected to the bus. */
export class Caller {
  private readonly lines: AsyncIterator<string>;

  private constructor(private readonly process: ChildProcess) {
    this.lines = createInterface({ input: process.stdout! })[Symbol.asyncIterator]();
  }

  static start(address: string, uid: number, gids: readonly number[]): Caller {
    const argv = [join(__dirname, 'caller-process.cjs'), address, String(uid), gids.join()];
    return new Caller(spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] }));
  }

  call(
    path: string,
    of: string,
    member: string,
    signature = '',
    body: unknown[] = [],
  ): Promise<Answer> {
    const message = { destination: BUS_NAME, path, interface: of, member, signature, body };
    return this.request('call', message);
  }

  /** Reads one property. */
  get(path: string, of: string, name: string): Promise<Answer> {
    return this.call(path, 'org.freedesktop.DBus.Properties', 'Get', 'ss', [of, name]);
  }

  /** Asks the bus for a name. */
  own(name: string): Promise<Answer> {
    return this.request('own', name);
  }

  file(act: 'list' | 'read' | 'write', path: string): Promise<Answer> {
    return this.request(act, path);
  }

  async stop(): Promise<void> {
    this.process.stdin!.end();
    if (this.process.exitCode === null) await once(this.process, 'exit');
  }

  private async request(act: string, on: unknown): Promise<Answer> {
    this.process.stdin!.write(`${JSON.stringify({ act, on })}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`the caller ended before it answered to ${act}`);
    return JSON.parse(value) as Answer;
  }
}
