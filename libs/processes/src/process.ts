import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FatbuildrError } from '@fatbuildr/errors';

/** What a failed command printed last is kept up to this many bytes for its error message. */
const KEPT_STDERR_BYTES = 8 * 1024;

export interface RunOptions {
  cwd?: string;
  /** The whole environment; by default only PATH, HOME and a C.UTF-8 locale are handed on. */
  env?: NodeJS.ProcessEnv;
  stdin?: Readable;
  /** Receives standard output as it arrives; without it the output is collected and returned. */
  stdout?: Writable | ((chunk: Buffer) => void);
  stderr?: (chunk: Buffer) => void;
  signal?: AbortSignal;
  /** Milliseconds. */
  timeout?: number;
  /**
   * The program gets a process group of its own, and signal and timeout kill all of it; what it left in
   * another group is not waited for.
   */
  group?: boolean;
  /** Exit statuses that are not a fault, `[0]` by default. */
  accept?: readonly number[];
}

export interface RunResult {
  status: number;
  stdout: Buffer;
}

export interface StartedProcess {
  readonly child: ChildProcess;
  /** Resolves when the process has ended, whoever ended it. */
  readonly gone: Promise<void>;
  /** SIGTERM, then SIGKILL after the grace period; resolves when the process is gone. */
  stop(graceMs?: number): Promise<void>;
}

/** The environment of the commands we run: nothing of ours leaks into it. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: process.env.HOME ?? '/',
    LC_ALL: 'C.UTF-8',
  };
}

/**
 * Runs a command of the host to its end. There is no shell: the argument vector is handed to the kernel
 * as it is.
 *
 * @throws FatbuildrError `PROCESS.MISSING` when the program is not installed, `PROCESS.NO_FOLDER` when the
 *   folder to run in is not there, `PROCESS.FAILED` with the
 *   last lines of standard error when it exits with another status than the accepted ones.
 */
export async function run(
  argv: readonly [string, ...string[]],
  options: RunOptions = {},
): Promise<RunResult> {
  const [program, ...args] = argv;
  const { group = false, signal, timeout } = options;
  if (group) signal?.throwIfAborted();
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? plainEnvironment(),
    stdio: [options.stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    ...(group ? { detached: true } : { signal, timeout, killSignal: 'SIGKILL' }),
  });
  if (group) limitGroup(child, signal, timeout);
  const collected: Buffer[] = [];
  let complaint = Buffer.alloc(0);
  child.stderr!.on('data', (chunk: Buffer) => {
    complaint = Buffer.concat([complaint, chunk]).subarray(-KEPT_STDERR_BYTES);
    options.stderr?.(chunk);
  });
  const { stdin, stdout } = options;
  const flows: Promise<void>[] = [];
  if (stdout === undefined) child.stdout!.on('data', (chunk: Buffer) => collected.push(chunk));
  else if (typeof stdout === 'function') child.stdout!.on('data', stdout);
  else flows.push(pipeline(child.stdout!, stdout));
  if (stdin) {
    flows.push(
      pipeline(stdin, child.stdin!).catch((fault: NodeJS.ErrnoException) => {
        // The program may rightly stop reading before its input ends; its status decides.
        if (fault.code !== 'EPIPE' && fault.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw fault;
      }),
    );
  }
  const flowed = Promise.allSettled(flows);
  let ended: [number | null, NodeJS.Signals | null];
  try {
    ended = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') {
      // The kernel says the same of a missing program and a missing folder.
      if (options.cwd !== undefined && !existsSync(options.cwd)) {
        throw new FatbuildrError(
          'PROCESS.NO_FOLDER',
          `"${program}" cannot run in ${options.cwd}, there is no such folder`,
          { program, folder: options.cwd },
          { cause: fault },
        );
      }
      throw new FatbuildrError(
        'PROCESS.MISSING',
        `the program "${program}" is not installed on this host, install it`,
        { program },
        { cause: fault },
      );
    }
    throw fault;
  }
  for (const flow of await flowed) if (flow.status === 'rejected') throw flow.reason;
  const [status, killedBy] = ended;
  if (status === null || !(options.accept ?? [0]).includes(status)) {
    const how = status === null ? `was stopped by ${killedBy}` : `exited with status ${status}`;
    const last = complaint.toString('utf8').trim().split('\n').slice(-5).join('\n');
    throw new FatbuildrError(
      'PROCESS.FAILED',
      `"${program}" ${how}${last === '' ? '' : `: ${last}`}`,
      { program, status, killedBy },
    );
  }
  return { status, stdout: Buffer.concat(collected) };
}

/** Kills the whole group of a process when the signal fires or its time is over, until it has ended. */
function limitGroup(child: ChildProcess, signal?: AbortSignal, timeout?: number): void {
  const kill = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code !== 'ESRCH') throw fault;
    }
    // A process that left the group may hold the pipes open.
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  signal?.addEventListener('abort', kill, { once: true });
  const timer = timeout === undefined ? undefined : setTimeout(kill, timeout);
  const release = () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', kill);
  };
  child.once('close', release);
  child.once('error', release);
}

/**
 * Starts a server of ours that lives until it is stopped, and no longer than this process: `setpriv`
 * (util-linux) asks the kernel to end it when we die, even by SIGKILL.
 */
export function start(
  argv: readonly [string, ...string[]],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; stdio?: 'inherit' | 'ignore' | 'pipe' } = {},
): StartedProcess {
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', ...argv], {
    cwd: options.cwd,
    env: options.env ?? plainEnvironment(),
    stdio: ['ignore', options.stdio ?? 'ignore', options.stdio ?? 'ignore'],
    // A group of its own: Ctrl-C in a terminal reaches the daemon alone, which then stops its servers in order.
    detached: true,
  });
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  return {
    child,
    gone,
    async stop(graceMs = 5000) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      child.kill('SIGTERM');
      const deadline = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await gone;
      clearTimeout(deadline);
    },
  };
}
