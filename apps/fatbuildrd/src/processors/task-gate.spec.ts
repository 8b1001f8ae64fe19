import { TaskGate } from './task-gate';

describe('the gate of tasks', () => {
  let gate: TaskGate;
  let begun: string[];
  beforeEach(() => {
    gate = new TaskGate();
    begun = [];
  });

  const task = (name: string) => async (stop: AbortSignal) => {
    begun.push(name);
    await new Promise<void>((end) => stop.addEventListener('abort', () => end()));
  };
  const short = (name: string) => () => {
    begun.push(name);
    return Promise.resolve();
  };

  it('holds back what comes while it is closed, and lets it go on', async () => {
    gate.hold();
    const waiting = gate.pass(short('one'));
    await new Promise(setImmediate);
    expect(begun).toEqual([]);
    gate.open();
    await waiting;
    expect(begun).toEqual(['one']);
    expect(gate).toMatchObject({ passed: 1, working: 0, held: false });
  });

  it('ends what is at work with the reason, and never begins what waits', async () => {
    let reason: unknown;
    const working = gate.pass(async (stop) => {
      await task('one')(stop);
      reason = stop.reason;
    });
    gate.hold();
    const waiting = gate.pass(short('two'));
    gate.end('the daemon was stopped');
    await Promise.all([working, waiting]);
    await gate.pass(short('three'));
    expect(begun).toEqual(['one']);
    expect(reason).toEqual(new Error('the daemon was stopped'));
  });

  it('waits for what is at work, but no longer than it is told', async () => {
    let finish = (): void => undefined;
    const working = gate.pass(() => new Promise((resolve) => (finish = resolve)));
    await gate.quiet(1);
    expect(gate.working).toBe(1);
    const quiet = gate.quiet(1_000_000);
    finish();
    await quiet;
    await working;
    expect(gate.working).toBe(0);
  });

  it('is not blocked by a task that throws', async () => {
    await expect(gate.pass(() => Promise.reject(new Error('torn')))).rejects.toThrow('torn');
    expect(gate.working).toBe(0);
    await gate.quiet(1_000_000);
  });
});
