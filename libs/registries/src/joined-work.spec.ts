import { Mutex } from 'async-mutex';
import { JoinedWork } from './joined-work';

/** Squares numbers, a turn at a time; odd ones are refused. */
class Squares {
  readonly rounds: number[][] = [];
  readonly turn = new Mutex();
  private readonly joined = new JoinedWork<number, number>();

  of(number: number, key = 'all'): Promise<number> {
    return this.joined.join(key, number, (take) =>
      this.turn.runExclusive(() => {
        const items = take();
        this.rounds.push([...items]);
        return Promise.allSettled(
          items.map((item) =>
            item % 2 === 0
              ? Promise.resolve(item * item)
              : Promise.reject(new Error(`odd ${item}`)),
          ),
        );
      }),
    );
  }
}

describe('JoinedWork', () => {
  let squares: Squares;

  beforeEach(() => (squares = new Squares()));

  it('is done at once for all that come while it waits for its turn', async () => {
    const free = await squares.turn.acquire();
    const asked = [2, 4, 6].map((number) => squares.of(number));
    free();
    expect(await Promise.all(asked)).toEqual([4, 16, 36]);
    expect(squares.rounds).toEqual([[2, 4, 6]]);
  });

  it('takes in nobody once it has begun', async () => {
    expect(await squares.of(2)).toBe(4);
    expect(await squares.of(4)).toBe(16);
    expect(squares.rounds).toEqual([[2], [4]]);
  });

  it('is not joined by what is about something else', async () => {
    expect(await Promise.all([squares.of(2, 'one'), squares.of(4, 'other')])).toEqual([4, 16]);
    expect(squares.rounds).toEqual([[2], [4]]);
  });

  it('tells each its own fault', async () => {
    const free = await squares.turn.acquire();
    const asked = Promise.allSettled([2, 3, 4].map((number) => squares.of(number)));
    free();
    expect(await asked).toEqual([
      { status: 'fulfilled', value: 4 },
      { status: 'rejected', reason: new Error('odd 3') },
      { status: 'fulfilled', value: 16 },
    ]);
  });

  it('that cannot begin fails for all, and the next begins anew', async () => {
    const free = await squares.turn.acquire();
    const asked = Promise.allSettled([2, 4].map((number) => squares.of(number)));
    squares.turn.cancel();
    expect((await asked).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    free();
    expect(await squares.of(6)).toBe(36);
  });
});
