import { statesBefore } from './task-state';

describe('the state machine of tasks', () => {
  it('lets a task run only from pending, and end from both', () => {
    expect(statesBefore('running')).toEqual(['pending']);
    expect(statesBefore('finished')).toEqual(['pending', 'running']);
  });

  it('lets no task get back to pending', () => {
    expect(statesBefore('pending')).toEqual([]);
  });
});
