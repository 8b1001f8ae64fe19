import {
  parseStepRecord,
  planRecord,
  stepBeginRecord,
  stepDoneRecord,
  stepFailedRecord,
} from './step-records';

describe('the records of steps', () => {
  it('are read as they were written, names of several words included', () => {
    const steps = ['prepare', 'binaries x86_64', 'publish'];
    expect(parseStepRecord(planRecord(steps))).toEqual({ kind: 'plan', steps });
    const step = 'binaries x86_64';
    expect(parseStepRecord(stepBeginRecord(step))).toEqual({ kind: 'begin', step });
    expect(parseStepRecord(stepDoneRecord(step, 1234))).toEqual({ kind: 'end', step });
    const failed = stepFailedRecord(step, 61_000, 'exit status 2\nsee above');
    expect(failed).toBe('Step binaries x86_64 failed after 61.0 s: exit status 2\nsee above');
    expect(parseStepRecord(failed)).toEqual({ kind: 'end', step });
  });

  it.each(['Task succeeded', 'Published hello 1.0', 'Steps', ''])('are not "%s"', (text) => {
    expect(parseStepRecord(text)).toBeUndefined();
  });
});
