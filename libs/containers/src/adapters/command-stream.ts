import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type Docker from 'dockerode';
import type { CommandOptions } from '../container-engine.port';
import { commandTimeout } from '../containers.errors';

/** Hands what a command prints to the reader; resolves when it prints no more. */
export async function followOutput(
  modem: Docker.Container['modem'],
  stream: NodeJS.ReadableStream,
  output: CommandOptions['output'],
): Promise<void> {
  const sink = (name: 'stdout' | 'stderr') =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        output?.(chunk, name);
        done();
      },
    });
  (modem as Docker['modem']).demuxStream(stream, sink('stdout'), sink('stderr'));
  // An attached stream is a whole connection of which only the reading side matters.
  await finished(stream, { writable: false });
}

/**
 * Runs the work of one command under its abort signal and its time limit. Either kills the container,
 * the only way an engine has to end a command, and rejects with the reason. An engine may leave the
 * stream of a killed command open, so the work is not waited for.
 */
export async function guarded<T>(
  argv: readonly string[],
  { signal, timeout }: CommandOptions,
  kill: () => Promise<unknown>,
  work: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  let ending: Promise<never> | undefined;
  let stop: () => void = () => undefined;
  const ended = new Promise<never>((_, reject) => {
    const end = (reason: unknown) => {
      ending ??= kill().then(
        () => Promise.reject(reason),
        () => Promise.reject(reason),
      );
      ending.catch(reject);
    };
    const onAbort = () => end(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    const timer =
      timeout === undefined
        ? undefined
        : setTimeout(() => end(commandTimeout(argv, timeout)), timeout);
    stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
  });
  try {
    const result = await Promise.race([work(), ended]);
    // A killed command ends with a status or a fault of its own; only the reason counts.
    return await (ending ?? result);
  } catch (fault) {
    return await (ending ?? Promise.reject(fault));
  } finally {
    stop();
  }
}
