// A server in a process of its own, which says where it listens: `… ready on URL`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export class Served {
  #child;

  /**
   * Starts a program and waits until it is ready; its own faults are seen on standard error.
   *
   * @param {string} program
   * @param {string[]} args
   */
  static async start(program, args) {
    const served = new Served();
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    served.#child = child;
    for await (const line of createInterface({ input: child.stdout })) {
      const [, url] = / ready on (http:\S+)/.exec(line) ?? [];
      if (url === undefined) continue;
      served.url = url;
      return served;
    }
    throw new Error(`${program} did not start`);
  }

  get pid() {
    return this.#child.pid;
  }

  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
  }
}
