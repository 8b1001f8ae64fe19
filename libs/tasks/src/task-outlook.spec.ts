import { outlooks, type ExpectedTask } from './task-outlook';

function task(
  id: string,
  { user = 'ann', changes = [id], started = null }: Partial<ReturnType<typeof given>> = {},
): ExpectedTask {
  return {
    ...{ id: id.repeat(10), instance: 'default', user, started },
    name: 'image update',
    claims: { reads: [], changes: changes.map((name) => [name]) },
  };
}

const given = () => ({
  user: 'ann',
  changes: [] as string[],
  started: null as number | null,
});

function seen(tasks: ExpectedTask[], running: number, concurrency: number) {
  return [...outlooks(tasks, running, concurrency)]
    .map(([id, { position, waiting }]) => `${id[0]} ${position}: ${waiting}`)
    .sort();
}

describe('the outlook of waiting tasks', () => {
  it('is the turn they have, and the task each waits for', () => {
    const tasks = [
      task('a', { changes: ['x'], started: 1 }),
      task('b', { changes: ['x'] }),
      task('c', { changes: ['y'] }),
      task('d', { changes: ['y'], user: 'bob' }),
    ];
    expect(seen(tasks, 1, 1)).toEqual([
      'b 2: waits for the image update aaaaaaaa of ann',
      'c 1: waits for a free place: 1 task runs',
      'd 3: waits for the image update cccccccc of ann',
    ]);
  });

  it('puts the next turn of users before the second one of others', () => {
    const tasks = [
      task('a', { started: 5 }),
      task('b'),
      task('c'),
      task('d', { user: 'bob' }),
      task('e', { user: 'bob' }),
    ];
    expect(seen(tasks, 2, 2).map((text) => text.slice(0, 3))).toEqual(['b 2', 'c 4', 'd 1', 'e 3']);
    expect(seen(tasks, 2, 2)[0]).toBe('b 2: waits for a free place: 2 tasks run');
  });

  it('is to start when nothing is in the way', () => {
    expect(seen([task('a')], 5, 2)).toEqual(['a 1: waits for its turn']);
    expect(seen([task('a', { started: 1 }), task('b')], 1, 2)).toEqual(['b 1: waits for its turn']);
  });

  it('is nothing where no task waits', () => {
    expect(seen([], 0, 2)).toEqual([]);
    expect(seen([task('a', { started: 1 })], 1, 2)).toEqual([]);
  });
});
