// A daemon on a home, and its command line.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CommandFailed, execute, signalGroup } from './commands.mjs';

/** Milliseconds the daemon gets to end its tasks and servers before it is killed. */
const STOP_TIMEOUT = 60_000;

export class Daemon {
  #child;
  #ended;

  /**
   * Starts `bin/fatbuildrd --home DIR` and waits until it is ready. What it prints goes to a log file.
   *
   * @param {{ root: string, home: string, log: string, signal?: AbortSignal }} places
   */
  static async start({ root, home, log, signal }) {
    const daemon = new Daemon();
    const child = spawn(join(root, 'bin/fatbuildrd'), ['--home', home], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    daemon.#child = child;
    daemon.#ended = once(child, 'exit').then(
      () => undefined,
      () => undefined,
    );
    const file = createWriteStream(log);
    let last = '';
    const keep = (line) => {
      file.write(`${line}\n`);
      last = `${last}${line}\n`.slice(-2000);
    };
    const ready = new Promise((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        keep(line);
        if (/^fatbuildrd .*\bready\b/.test(line)) resolve('ready');
      });
      createInterface({ input: child.stderr }).on('line', keep);
      signal?.addEventListener('abort', () => resolve('aborted'), { once: true });
    });
    const outcome = await Promise.race([ready, daemon.#ended.then(() => 'ended')]);
    if (outcome === 'ready') return daemon;
    await daemon.stop();
    signal?.throwIfAborted();
    throw new CommandFailed(`the daemon did not start, ${log} has all it said:\n${last.trim()}`);
  }

  get pid() {
    return this.#child.pid;
  }

  /** Stops it by its process id; when it does not go in time, its whole group is killed. */
  async stop() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGTERM');
      const deadline = setTimeout(() => signalGroup(this.#child.pid, 'SIGKILL'), STOP_TIMEOUT);
      await this.#ended;
      clearTimeout(deadline);
    }
  }
}

/** `bin/fatbuildrctl` on the same home. */
export class CommandLine {
  #prefix;
  #signal;

  /** @param {{ root: string, home: string, signal?: AbortSignal }} places */
  constructor({ root, home, signal }) {
    this.#prefix = [join(root, 'bin/fatbuildrctl'), '--home', home];
    this.#signal = signal;
  }

  /** Shows what the command prints. */
  async run(...args) {
    await execute([...this.#prefix, ...args], { signal: this.#signal });
  }

  /** What the command prints. */
  async text(...args) {
    const { stdout } = await execute([...this.#prefix, ...args], {
      signal: this.#signal,
      capture: true,
    });
    return stdout;
  }

  /** What the command answers, read from its JSON. */
  async json(...args) {
    return JSON.parse(await this.text('--output', 'json', ...args));
  }

  /** Whether the command succeeds; its output is dropped. */
  async succeeds(...args) {
    const { status } = await execute([...this.#prefix, ...args], {
      signal: this.#signal,
      capture: true,
      accept: [0, 1],
    });
    return status === 0;
  }
}
