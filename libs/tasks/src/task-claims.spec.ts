import { Instance } from '@fatbuildr/instances';
import type { TaskParameters } from '@fatbuildr/protocol';
import { Schedule } from './schedule';
import { claimsOf } from './task-claims';

const pipeline = (format: string, distribution: string, environment?: string) => ({
  ...{ format, distribution, environment, tag: undefined, mirror: undefined },
  ...{ components: undefined, modules: [] },
});

const instance = new Instance({
  id: 'default',
  name: 'Default',
  gpg: { name: 'ACME', email: 'packages@acme.example' },
  architectures: ['x86_64', 'aarch64'],
  pipelines: [
    pipeline('one', 'stable', 'base'),
    pipeline('one', 'next', 'newer'),
    pipeline('two', 'disk'),
  ],
  derivatives: new Map(),
});

function build(change: Partial<Extract<TaskParameters, { name: 'artifact build' }>> = {}) {
  return {
    ...{ name: 'artifact build' as const, format: 'one', distribution: 'stable' },
    ...{ derivative: 'main', artifact: 'hello', architectures: ['x86_64'], archives: [] },
    ...{ author: 'Jane', email: 'jane@acme.example', message: 'Another build' },
    ...change,
  };
}

const environment = (format: string, name: string, architecture: string): TaskParameters => ({
  ...{ name: 'image build environment creation', format, environment: name, architecture },
});

const deletion: TaskParameters = {
  ...{ name: 'artifact deletion', format: 'one', distribution: 'stable', derivative: 'main' },
  artifact: { name: 'hello', architecture: 'src', version: '1-1', size: -1 },
};
const image = (format: string): TaskParameters => ({
  ...{ name: 'image creation', format, force: false },
});
const reindexing = (format: string): TaskParameters => ({ name: 'registry reindexing', format });
const renewal: TaskParameters = { name: 'keyring renewal', duration: '1y' };
const purge: TaskParameters = { name: 'history purge' };

/** Whether the second waits for the first. */
function waits(first: TaskParameters, second: TaskParameters): boolean {
  const schedule = new Schedule(2);
  for (const [id, parameters] of Object.entries({ first, second })) {
    const claims = claimsOf(parameters, instance);
    schedule.add({ id, instance: instance.id, user: 'jane', claims });
  }
  schedule.next();
  return schedule.next() === undefined;
}

describe('a task waits for an earlier one', () => {
  const CASES: [what: string, first: TaskParameters, second: TaskParameters, waits: boolean][] = [
    ['a build for one of the same artifact', build(), build(), true],
    ['no build for one of another artifact', build(), build({ artifact: 'other' }), false],
    ['no build for another derivative', build(), build({ derivative: 'beta' }), false],
    ['no build for another distribution', build(), build({ distribution: 'next' }), false],
    ['a build for a deletion in its distribution', deletion, build({ artifact: 'other' }), true],
    ['a deletion for a build in its distribution', build({ artifact: 'other' }), deletion, true],
    ['no deletion elsewhere', build({ distribution: 'next' }), deletion, false],
    ['a build for the reindexing of its format', reindexing('one'), build(), true],
    ['no build for the reindexing of another', reindexing('two'), build(), false],
    ['a build for the image of its format', image('one'), build(), true],
    ['no build for the image of another', image('two'), build(), false],
    ['an image for a build of its format', build(), image('one'), true],
    ['an image for its environments', environment('one', 'base', 'x86_64'), image('one'), true],
    ['an environment for its image', image('one'), environment('one', 'base', 'x86_64'), true],
    [
      'no environment for others',
      environment('one', 'base', 'aarch64'),
      environment('one', 'base', 'x86_64'),
      false,
    ],
    ['a build for its environment', environment('one', 'base', 'x86_64'), build(), true],
    [
      'no build for that of another architecture',
      environment('one', 'base', 'aarch64'),
      build(),
      false,
    ],
    [
      'no build for that of another distribution',
      environment('one', 'newer', 'x86_64'),
      build(),
      false,
    ],
    [
      'a build without environments for its image',
      image('two'),
      build({ format: 'two', distribution: 'disk' }),
      true,
    ],
    ['a build for the key', { name: 'keyring creation' }, build(), true],
    ['a renewal of the key for a build', build(), renewal, true],
    ['a renewal of the key for a reindexing', reindexing('one'), renewal, true],
    ['no image for the key', renewal, image('one'), false],
    ['a purge for a purge', purge, purge, true],
    ['no purge for a build', build(), purge, false],
    [
      'a build of what the instance no longer has',
      image('one'),
      build({ distribution: 'gone' }),
      true,
    ],
  ];
  it.each(CASES)('%s', (_what, first, second, expected) => {
    expect(waits(first, second)).toBe(expected);
  });
});
