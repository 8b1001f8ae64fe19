import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const BIN = resolve(__dirname, '../../../bin');

/** The web server of an installation, on a free port. */
export class WebServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /** Starts it and waits until it says where it listens. */
  static async start(home: string): Promise<WebServerProcess> {
    const child = spawn(join(BIN, 'fatbuildrweb'), ['--home', home, '--port', '0'], {
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let log = '';
    child.stderr.on('data', (text: Buffer) => (log += text.toString()));
    for await (const line of createInterface({ input: child.stdout })) {
      const url = / ready on (http:\S+)/.exec(line)?.[1];
      if (url !== undefined) return new WebServerProcess(child, url);
      log += `${line}\n`;
    }
    throw new Error(`the web server did not start:\n${log}`);
  }

  /** @returns its exit status, `null` when a signal ended it */
  async stop(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill();
      await once(this.child, 'exit');
    }
    return this.child.exitCode;
  }
}
