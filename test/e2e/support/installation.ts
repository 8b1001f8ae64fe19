import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const BIN = resolve(__dirname, '../../../bin');

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end and keeps what it prints; never throws for its exit status. */
export async function execute(
  argv: readonly [string, ...string[]],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; uid?: number; gid?: number } = {},
): Promise<Ended> {
  const [program, ...args] = argv;
  const child = spawn(program, args, {
    ...options,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout, stderr };
}

/** A home of its own under the temporary folder, its daemon, and the command line that talks to it. */
export class Installation {
  private daemon: ChildProcess | undefined;
  private readonly events = new EventEmitter();
  /** What the daemon printed, for the message of a failed test. */
  log = '';

  constructor(readonly home = mkdtempSync(join(tmpdir(), 'fb-'))) {}

  /** @param instances file name without extension → content */
  async configure(instances: Record<string, string>, site = ''): Promise<void> {
    const folder = join(this.home, 'etc', 'instances.d');
    await mkdir(folder, { recursive: true });
    for (const [id, content] of Object.entries(instances)) {
      await writeFile(join(folder, `${id}.yml`), content);
    }
    if (site !== '') await writeFile(join(this.home, 'etc', 'fatbuildr.ini'), site);
  }

  /**
   * Starts the daemon and waits until it says that it is ready.
   *
   * @param env added to its environment
   * @param prefix a program and its arguments that the daemon's command line is appended to
   */
  async start(env: NodeJS.ProcessEnv = {}, prefix: readonly string[] = []): Promise<void> {
    const [program = '', ...args] = [...prefix, join(BIN, 'fatbuildrd'), '--home', this.home];
    const daemon = spawn(program, args, {
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.daemon = daemon;
    daemon.stderr.on('data', (text: Buffer) => {
      this.log += text.toString();
      this.events.emit('log');
    });
    const lines = createInterface({ input: daemon.stdout });
    const ready = (async () => {
      for await (const line of lines) {
        this.log += `${line}\n`;
        if (line.includes(' ready on ')) return true;
      }
      return false;
    })();
    if (!(await ready)) throw new Error(`the daemon did not start:\n${this.log}`);
    daemon.stdout.on('data', (text: Buffer) => (this.log += text.toString()));
    daemon.stdout.resume();
  }

  /** Resolves when the daemon has said something on its standard error, in this run or before. */
  async says(what: string): Promise<void> {
    while (!this.log.includes(what)) await once(this.events, 'log');
  }

  signal(signal: NodeJS.Signals): void {
    this.daemon!.kill(signal);
  }

  get pid(): number {
    return this.daemon!.pid!;
  }

  /** Ends the daemon; @returns its exit status, `null` when a signal ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const { daemon } = this;
    if (daemon === undefined) return null;
    this.daemon = undefined;
    if (daemon.exitCode !== null || daemon.signalCode !== null) return daemon.exitCode;
    daemon.kill(signal);
    const [status] = (await once(daemon, 'exit')) as [number | null];
    return status;
  }

  /** Waits until the daemon ends by itself; @returns its exit status. */
  async ended(): Promise<number | null> {
    const daemon = this.daemon!;
    if (daemon.exitCode === null && daemon.signalCode === null) await once(daemon, 'exit');
    this.daemon = undefined;
    return daemon.exitCode;
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.home, { recursive: true, force: true });
  }

  /** fatbuildrd, to its end; @param env added to its environment */
  fatbuildrd(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return execute([join(BIN, 'fatbuildrd'), '--home', this.home, ...args], { env });
  }

  /** fatbuildrctl, talking to this installation's daemon. */
  ctl(...args: string[]): Promise<Ended> {
    return execute([join(BIN, 'fatbuildrctl'), '--home', this.home, ...args], {
      // The preferences of who runs the tests must not change them.
      env: { XDG_CONFIG_HOME: join(this.home, 'nobody'), EDITOR: '', VISUAL: '' },
    });
  }

  /** What `fatbuildrctl … --output json` prints, parsed. */
  async json<T>(...args: string[]): Promise<T> {
    const ended = await this.ctl('--output', 'json', ...args);
    if (ended.status !== 0) {
      throw new Error(`fatbuildrctl ${args.join(' ')} exited ${ended.status}: ${ended.stderr}`);
    }
    return JSON.parse(ended.stdout) as T;
  }
}
