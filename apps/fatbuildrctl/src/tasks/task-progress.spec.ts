import { planRecord, stepBeginRecord, stepDoneRecord } from '@fatbuildr/protocol';
import { TaskProgress } from './task-progress';

const PLAN = ['fetch', 'binaries x86_64', 'checks', 'publish'];
const HISTORY = [
  { name: 'fetch', duration: 1000 },
  { name: 'binaries x86_64', duration: 40_000 },
  { name: 'publish', duration: 5000 },
];

describe('the progress of a task', () => {
  it('is the step of the plan, its time, and by history what is usual and what remains', () => {
    const progress = new TaskProgress({ steps: [] }, HISTORY);
    expect(progress.line(0)).toBeUndefined();
    progress.record(planRecord(PLAN), 0);
    progress.record(stepBeginRecord('fetch'), 0);
    progress.record(stepDoneRecord('fetch', 900), 900);
    progress.record(stepBeginRecord('binaries x86_64'), 1000);
    expect(progress.line(13_000)).toBe(
      '[2/4] binaries x86_64 · 0:12 of about 0:40 · about 0:33 left',
    );
    expect(progress.line(3_724_000)).toBe(
      '[2/4] binaries x86_64 · 1:02:03 of about 0:40 · about 0:05 left',
    );
  });

  it('is only step and time without history, and no total without a plan', () => {
    const progress = new TaskProgress({ steps: [] }, []);
    progress.record(stepBeginRecord('pull image'), 0);
    progress.record(stepDoneRecord('pull image', 10), 10);
    progress.record(stepBeginRecord('install packages'), 0);
    expect(progress.line(2000)).toBe('[2] install packages · 0:02');
  });

  it('goes on from where the task is for one who comes late', () => {
    const steps = [
      { name: 'fetch', started: 100, duration: 500 },
      { name: 'binaries x86_64', started: 101, duration: -1 },
      { name: 'publish', started: -1, duration: -1 },
    ];
    const progress = new TaskProgress({ steps }, []);
    progress.record(planRecord(PLAN), 160_000);
    progress.record(stepBeginRecord('fetch'), 160_000);
    progress.record(stepDoneRecord('fetch', 500), 160_000);
    progress.record(stepBeginRecord('binaries x86_64'), 160_000);
    expect(progress.line(161_000)).toBe('[2/4] binaries x86_64 · 1:00');
  });

  it('follows a plan that changes, and steps side by side until the last of them ends', () => {
    const progress = new TaskProgress({ steps: [] }, HISTORY);
    progress.record(planRecord(['source', 'binaries a', 'binaries b', 'checks', 'publish']), 0);
    progress.record(stepBeginRecord('source'), 0);
    progress.record(stepDoneRecord('source', 1), 0);
    progress.record(planRecord(['source', 'binaries a', 'checks', 'publish']), 0);
    progress.record(stepBeginRecord('binaries a'), 0);
    expect(progress.line(0)).toBe('[2/4] binaries a · 0:00');
    progress.record(stepDoneRecord('binaries a', 1), 0);
    progress.record(stepBeginRecord('checks'), 0);
    progress.record(stepBeginRecord('publish'), 0);
    expect(progress.line(1000)).toBe('[4/4] publish · 0:01 of about 0:05');
    progress.record(stepDoneRecord('publish', 1), 2000);
    expect(progress.line(2000)).toBe('[3/4] checks · 0:02');
  });
});
