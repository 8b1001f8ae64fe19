import { Mutex, type MutexInterface } from 'async-mutex';

/** Work on the same thing, one after the other. */
export class Turns {
  private readonly mutexes = new Map<string, Mutex>();

  /** @throws the signal's reason when it fires before it is the turn of the work */
  async take<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const mutex = this.mutexes.get(name) ?? new Mutex();
    this.mutexes.set(name, mutex);
    const release = await unlessAborted(mutex.acquire(), signal);
    try {
      return await work();
    } finally {
      release();
      if (!mutex.isLocked()) this.mutexes.delete(name);
    }
  }
}

async function unlessAborted(
  acquired: Promise<MutexInterface.Releaser>,
  signal: AbortSignal,
): Promise<MutexInterface.Releaser> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([acquired, aborted]);
  } catch (fault) {
    // The turn that nobody waits for any more is passed on as soon as it comes.
    void acquired.then((release) => release());
    throw fault;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
