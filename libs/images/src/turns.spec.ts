import { Turns } from './turns';

/** Work that goes on until it is released. */
function held(log: string[], name: string): { work: () => Promise<void>; release: () => void } {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const work = async () => {
    log.push(`${name} begins`);
    await released;
    log.push(`${name} ends`);
  };
  return { work, release };
}

describe('turns', () => {
  const { signal } = new AbortController();

  it('lets work on one thing wait, and work on another begin', async () => {
    const turns = new Turns();
    const log: string[] = [];
    const [first, second, other] = ['first', 'second', 'other'].map((name) => held(log, name));
    const all = [
      turns.take('a', signal, first!.work),
      turns.take('a', signal, second!.work),
      turns.take('b', signal, other!.work),
    ];
    other!.release();
    await all[2];
    expect(log).toEqual(['first begins', 'other begins', 'other ends']);
    second!.release();
    first!.release();
    await Promise.all(all);
    expect(log.slice(3)).toEqual(['first ends', 'second begins', 'second ends']);
  });

  it('passes the turn on after work that fails', async () => {
    const turns = new Turns();
    const failed = turns.take('a', signal, () => Promise.reject(new Error('no room')));
    const next = turns.take('a', signal, () => Promise.resolve('done'));
    await expect(failed).rejects.toThrow('no room');
    await expect(next).resolves.toBe('done');
  });

  it('keeps nobody waiting who is told to stop, nor those behind', async () => {
    const turns = new Turns();
    const log: string[] = [];
    const first = held(log, 'first');
    const running = turns.take('a', signal, first.work);
    const stop = new AbortController();
    const waiting = turns.take('a', stop.signal, () => Promise.resolve(log.push('never')));
    const behind = turns.take('a', signal, () => Promise.resolve(log.push('behind')));
    stop.abort(new Error('cancelled'));
    await expect(waiting).rejects.toThrow('cancelled');
    first.release();
    await Promise.all([running, behind]);
    expect(log).toEqual(['first begins', 'first ends', 'behind']);
  });
});
