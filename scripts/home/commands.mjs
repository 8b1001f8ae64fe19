// Commands of the scripts: argument vectors, each in a process group of its own, so that Ctrl-C reaches
// this program alone and it stops what it started in order.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A command that did not end well; its own words were shown or are in the message. */
export class CommandFailed extends Error {}

/**
 * Runs a command to its end; aborting ends its whole group.
 *
 * @param {string[]} argv
 * @param {{ signal?: AbortSignal, env?: NodeJS.ProcessEnv, cwd?: string, capture?: boolean, input?: string,
 *   accept?: number[] }} [options] `capture` keeps the output instead of showing it
 * @returns {Promise<{ status: number, stdout: string }>}
 */
export async function execute(argv, options = {}) {
  const { signal, capture = false, accept = [0] } = options;
  signal?.throwIfAborted();
  const [program, ...args] = argv;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', capture ? 'pipe' : 'inherit', capture ? 'pipe' : 'inherit'],
    detached: true,
  });
  const stop = () => signalGroup(child.pid, 'SIGTERM');
  signal?.addEventListener('abort', stop);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (text) => (stdout += text));
  child.stderr?.on('data', (text) => (stderr += text));
  try {
    const [status, killedBy] = await once(child, 'close');
    signal?.throwIfAborted();
    if (status === null || !accept.includes(status)) {
      const how = status === null ? `was stopped by ${killedBy}` : `exited with status ${status}`;
      const words = capture && stderr.trim() !== '' ? `: ${stderr.trim()}` : '';
      throw new CommandFailed(`"${argv.join(' ')}" ${how}${words}`);
    }
    return { status, stdout };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** Signals a process group; it is no fault when it is gone. */
export function signalGroup(pid, name) {
  try {
    process.kill(-pid, name);
  } catch (fault) {
    if (fault.code !== 'ESRCH') throw fault;
  }
}
