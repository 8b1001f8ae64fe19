import type { Action } from '@fatbuildr/access';
import type { TaskDescription } from '@fatbuildr/protocol';
import type { Caller } from '../../auth/caller';
import { typingRight } from './typing-right';

const task = { name: 'artifact build', user: 'bob' } as TaskDescription;
const caller = (user: string | undefined, ...actions: Action[]) =>
  ({ user, may: (action) => actions.includes(action) }) as Caller;

describe('who may type at the terminal of a task', () => {
  it.each<[string, Caller, Action | undefined]>([
    ['who manages tasks', caller('ada', 'manage-task'), 'manage-task'],
    ['its submitter', caller('bob', 'view-task', 'build'), 'build'],
    [
      'its submitter with a token that is limited to looking on',
      caller('bob', 'view-task'),
      undefined,
    ],
    ['another one who may build', caller('ada', 'view-task', 'build'), undefined],
    ['nobody known', caller(undefined, 'view-task'), undefined],
  ])('%s', (_who, someone, right) => {
    expect(typingRight(someone, task)).toBe(right);
  });
});
