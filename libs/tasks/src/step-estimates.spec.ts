import { estimateSteps } from './step-estimates';

const step = (name: string, duration: number | null) => ({ name, started: 0, duration });

describe('estimates of steps', () => {
  it('are the medians of what each step took', () => {
    const estimates = estimateSteps([
      [step('fetch', 100), step('source', 1000)],
      [step('fetch', 300), step('source', 2000)],
      [step('fetch', 9000)],
    ]);
    expect(estimates).toEqual([
      { name: 'fetch', duration: 300 },
      { name: 'source', duration: 1500 },
    ]);
  });

  it('leave out what never ended, and know nothing of nothing', () => {
    expect(estimateSteps([[step('fetch', null)]])).toEqual([]);
    expect(estimateSteps([])).toEqual([]);
  });
});
