import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const BIN = resolve(__dirname, '../../../bin');

/** The web server of an installation. */
export class WebProgram {
  private constructor(
    private readonly program: ChildProcess,
    readonly url: string,
  ) {}

  /**
   * Starts it on a free port, and waits until it says that it is ready.
   *
   * @param more arguments
   */
  static async start(home: string, more: readonly string[] = []): Promise<WebProgram> {
    const args = ['--home', home, '--host', '127.0.0.1', '--port', '0', ...more];
    const program = spawn(join(BIN, 'fatbuildrweb'), args, {
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let log = '';
    program.stderr.on('data', (text: Buffer) => (log += text.toString()));
    for await (const line of createInterface({ input: program.stdout })) {
      log += `${line}\n`;
      const url = / ready on (http:\S+)/.exec(line)?.[1];
      if (url === undefined) continue;
      program.stdout.resume();
      return new WebProgram(program, url);
    }
    throw new Error(`the web server did not start:\n${log}`);
  }

  /** @returns its exit status, `null` when a signal ended it */
  async stop(): Promise<number | null> {
    if (this.program.exitCode === null && this.program.signalCode === null) {
      this.program.kill();
      await once(this.program, 'exit');
    }
    return this.program.exitCode;
  }
}
