import { Schedule, type ScheduledTask } from './schedule';

/** `user:id`, `user:id r=a,b c=x/y`: reads and changes resources. */
function task(text: string, instance = 'one'): ScheduledTask {
  const [head, ...claims] = text.split(' ');
  const [user, id] = head!.split(':');
  const paths = (kind: string) =>
    claims
      .filter((claim) => claim.startsWith(`${kind}=`))
      .flatMap((claim) => claim.slice(2).split(','))
      .map((path) => path.split('/'));
  return { id: id!, user: user!, instance, claims: { reads: paths('r'), changes: paths('c') } };
}

function scheduleOf(concurrency: number, ...tasks: string[]): Schedule {
  const schedule = new Schedule(concurrency);
  for (const text of tasks) schedule.add(task(text));
  return schedule;
}

function startable(schedule: Schedule): string[] {
  const ids: string[] = [];
  for (let next = schedule.next(); next; next = schedule.next()) ids.push(next.id);
  return ids;
}

/** The order in which tasks start when each ends before the next. */
function order(schedule: Schedule): string[] {
  const ids: string[] = [];
  for (let next = schedule.next(); next; next = schedule.next()) {
    ids.push(next.id);
    schedule.remove(next.id);
  }
  return ids;
}

describe('tasks that start', () => {
  const CASES: [what: string, tasks: string[], start: string[]][] = [
    ['those that claim nothing, all', ['u:1', 'u:2', 'u:3'], ['1', '2', '3']],
    ['readers of the same, all', ['u:1 r=a', 'u:2 r=a', 'u:3 r=a'], ['1', '2', '3']],
    ['changers of the same, the first alone', ['u:1 c=a', 'u:2 c=a'], ['1']],
    ['changers of others, all', ['u:1 c=a', 'u:2 c=b'], ['1', '2']],
    ['a reader, before a change of the same', ['u:1 r=a', 'u:2 c=a'], ['1']],
    ['a changer, before readers of the same', ['u:1 c=a', 'u:2 r=a', 'u:3 r=a'], ['1']],
    ['no reader past a waiting changer', ['u:1 r=a', 'u:2 c=a', 'u:3 r=a'], ['1']],
    ['what has nothing to do with those that wait', ['u:1 c=a', 'u:2 c=a', 'u:3 c=b'], ['1', '3']],
    ['a changer of the whole, not its parts', ['u:1 c=a', 'u:2 c=a/b', 'u:3 r=a/c/d'], ['1']],
    ['changers of parts, not the whole', ['u:1 c=a/b', 'u:2 c=a/c', 'u:3 c=a'], ['1', '2']],
    ['readers of parts, not the whole', ['u:1 r=a/b', 'u:2 c=a'], ['1']],
    ['a reader of the whole, no changer of a part', ['u:1 r=a', 'u:2 c=a/b', 'u:3 r=a/b'], ['1']],
    ['neighbours whose names begin alike', ['u:1 c=a/b', 'u:2 c=a/bc'], ['1', '2']],
    ['what waits for several, not yet', ['u:1 c=a', 'u:2 c=b', 'u:3 c=a,b', 'u:4 r=b'], ['1', '2']],
    ['one that reads what it changes', ['u:1 r=a c=a'], ['1']],
  ];
  it.each(CASES)('%s', (_what, tasks, start) => {
    expect(startable(scheduleOf(9, ...tasks))).toEqual(start);
  });

  it('follow when the one they wait for has gone', () => {
    const schedule = scheduleOf(9, 'u:1 c=a', 'u:2 c=a', 'u:3 r=a');
    expect(startable(schedule)).toEqual(['1']);
    schedule.remove('2');
    expect(startable(schedule)).toEqual([]);
    schedule.remove('1');
    expect(startable(schedule)).toEqual(['3']);
  });
});

describe('places', () => {
  it('are as many as the concurrency', () => {
    const schedule = scheduleOf(2, 'u:1', 'u:2', 'u:3');
    expect(startable(schedule)).toEqual(['1', '2']);
    schedule.remove('1');
    expect(startable(schedule)).toEqual(['3']);
  });

  it('are one at least for each instance', () => {
    const schedule = scheduleOf(2, 'u:1', 'u:2', 'u:3');
    expect(startable(schedule)).toEqual(['1', '2']);
    schedule.add(task('u:x', 'other'));
    schedule.add(task('u:y', 'other'));
    expect(startable(schedule)).toEqual(['x']);
    schedule.remove('1');
    // Two run still.
    expect(startable(schedule)).toEqual([]);
    schedule.remove('x');
    expect(startable(schedule)).toEqual(['3', 'y']);
  });

  it('go to instances in turn', () => {
    const schedule = new Schedule(2);
    for (const text of ['u:1', 'u:2', 'u:3', 'u:4']) schedule.add(task(text));
    for (const text of ['u:a', 'u:b', 'u:c']) schedule.add(task(text, 'other'));
    expect(order(schedule)).toEqual(['1', 'a', '2', 'b', '3', 'c', '4']);
  });

  it('are not taken by what was cancelled', () => {
    const schedule = scheduleOf(1, 'u:1', 'u:2', 'u:3');
    schedule.remove('1');
    schedule.remove('unknown');
    expect(startable(schedule)).toEqual(['2']);
    schedule.remove('2');
    schedule.remove('2');
    expect(startable(schedule)).toEqual(['3']);
  });
});

describe('users of an instance', () => {
  it('take turns', () => {
    const schedule = scheduleOf(1, 'ann:1', 'ann:2', 'ann:3', 'bob:4', 'cy:5', 'cy:6', 'bob:7');
    expect(order(schedule)).toEqual(['1', '4', '5', '2', '7', '6', '3']);
  });

  it('who were never served come before those who were', () => {
    const schedule = scheduleOf(1, 'ann:1', 'ann:2', 'ann:3');
    expect(startable(schedule)).toEqual(['1']);
    schedule.add(task('bob:4'));
    schedule.remove('1');
    expect(startable(schedule)).toEqual(['4']);
  });

  it('with a thousand tasks let another one wait for one at most', () => {
    const schedule = new Schedule(1);
    for (let id = 0; id < 1000; id++) schedule.add(task(`ann:${id}`));
    expect(startable(schedule)).toHaveLength(1);
    schedule.add(task('bob:b'));
    schedule.remove('0');
    expect(startable(schedule)).toEqual(['b']);
  });

  it('get what they wait for done in their turns', () => {
    const schedule = new Schedule(1);
    for (let id = 0; id < 100; id++) schedule.add(task(`ann:${id}`));
    schedule.add(task('ann:x c=a'));
    schedule.add(task('ann:y c=a'));
    schedule.add(task('bob:b c=a'));
    expect(order(schedule).slice(0, 6)).toEqual(['0', 'x', '1', 'y', '2', 'b']);
  });

  it('keep the order of their tasks that conflict, whoever they are', () => {
    const schedule = scheduleOf(9, 'ann:1 c=a', 'bob:2 c=a', 'ann:3 c=a', 'cy:4 c=a');
    expect(order(schedule)).toEqual(['1', '2', '3', '4']);
  });
});

it('holds its rules for any tasks in any order', () => {
  // Of a fixed seed: the same tasks each time.
  let seed = 7;
  const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const path = () => Array.from({ length: 1 + random(3) }, () => 'ab'[random(2)]).join('/');
  const conflicts = (one: ScheduledTask, other: ScheduledTask) => {
    const touch = (a: readonly string[], b: readonly string[]) =>
      a.slice(0, b.length).join('/') === b.slice(0, a.length).join('/');
    const [x, y] = [one.claims, other.claims];
    return (
      x.changes.some((a) => [...y.changes, ...y.reads].some((b) => touch(a, b))) ||
      y.changes.some((a) => x.reads.some((b) => touch(a, b)))
    );
  };
  const schedule = new Schedule(3);
  const all: ScheduledTask[] = [];
  const running = new Set<ScheduledTask>();
  const done = new Set<ScheduledTask>();
  for (let step = 0; step < 3000; step++) {
    if (random(3) === 0 && all.length < 400) {
      const user = ['ann', 'bob', 'cy'][random(3)];
      const added = task(
        `${user}:${all.length} r=${path()} c=${path()}`,
        ['one', 'two'][random(2)],
      );
      all.push(added);
      schedule.add(added);
    }
    for (let next = schedule.next(); next; next = schedule.next()) {
      const { instance } = next;
      const earlier = all.slice(0, all.indexOf(next)).filter((one) => !done.has(one));
      const same = earlier.filter((one) => one.instance === instance);
      expect(same.filter((one) => conflicts(one, next))).toEqual([]);
      const own = [...running].filter((one) => one.instance === instance);
      expect(running.size < 3 || own.length === 0).toBe(true);
      running.add(next);
    }
    const [ended] = [...running].slice(random(Math.max(running.size, 1)));
    if (ended && random(2) === 0) {
      running.delete(ended);
      done.add(ended);
      schedule.remove(ended.id);
    }
  }
  while (running.size > 0) {
    for (const one of running) {
      running.delete(one);
      done.add(one);
      schedule.remove(one.id);
    }
    for (let next = schedule.next(); next; next = schedule.next()) running.add(next);
  }
  expect(done.size).toBe(all.length);
  expect(all.length).toBe(400);
});
