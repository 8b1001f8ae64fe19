import { parsePurge } from '@fatbuildr/config';
import type { TaskParameters } from '@fatbuildr/protocol';
import { tasksToPurge, type EndedTask } from './purge-choice';

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR;

const keyring: TaskParameters = { name: 'keyring creation' };
const image: TaskParameters = { name: 'image update', format: 'deb' };
const place = { format: 'deb', distribution: 'bookworm', derivative: 'main' };
const build = (artifact: string): TaskParameters => ({
  ...{ name: 'artifact build', ...place, architectures: [], artifact, archives: [] },
  ...{ author: 'Jane', email: 'jane@acme.example', message: 'Build' },
});
const deletion = (name: string): TaskParameters => ({
  ...{ name: 'artifact deletion', ...place },
  artifact: { name, version: '1', architecture: 'src', size: -1 },
});

/** Newest first, one an hour; ids count from 0. */
const tasks = (...all: TaskParameters[]): EndedTask[] =>
  all.map((parameters, index) => ({ id: String(index), parameters, ended: NOW - index * HOUR }));

/** Ids of what the policy removes. */
function purged(policy: string, all: EndedTask[], bytes: readonly number[] = []): string {
  const chosen = tasksToPurge(parsePurge(policy), all, NOW, ({ id }) => bytes[Number(id)] ?? 0);
  return chosen.map(({ id }) => id).join(' ');
}

describe('what a purge removes', () => {
  const four = tasks(keyring, keyring, keyring, keyring);

  it('is older than the age, to the millisecond', () => {
    expect(purged('older:2h', four)).toBe('3');
    expect(purged('older:1d', four)).toBe('');
  });

  it('comes after the last ones', () => {
    expect(purged('last:3', four)).toBe('3');
    expect(purged('last:1', four)).toBe('1 2 3');
    expect(purged('last:4', four)).toBe('');
  });

  it('does not fit any more, with all that is older', () => {
    expect(purged('size:1000', four, [400, 600, 1, 1])).toBe('2 3');
    expect(purged('size:1000', four, [400, 700, 1, 1])).toBe('1 2 3');
    expect(purged('size:1000', four, [1001])).toBe('0 1 2 3');
    expect(purged('size:1000', four, [400, 600])).toBe('');
  });

  it('is more than so many of each artifact, and of each kind of task without one', () => {
    const mixed = tasks(build('a'), build('b'), deletion('a'), build('a'), image, keyring, image);
    expect(purged('each:1', mixed)).toBe('2 3 6');
    expect(purged('each:2', mixed)).toBe('3');
  });

  it('is nothing where there is nothing', () => {
    for (const policy of ['older:1h', 'last:1', 'size:1000', 'each:1']) {
      expect(purged(policy, [])).toBe('');
    }
  });
});
