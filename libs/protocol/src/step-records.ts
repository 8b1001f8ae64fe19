/** The log records by which a journal tells the steps of its task; readers tell progress from them. */
export type StepRecord =
  | { kind: 'plan'; steps: string[] }
  | { kind: 'begin'; step: string }
  /** Well or not. */
  | { kind: 'end'; step: string };

const PLAN = 'Steps: ';
const SEPARATOR = ', ';

/** What a task is going to do, in order; a later plan replaces an earlier one. */
export const planRecord = (steps: readonly string[]) => `${PLAN}${steps.join(SEPARATOR)}`;

export const stepBeginRecord = (step: string) => `Step ${step}`;

/** @param duration milliseconds */
export const stepDoneRecord = (step: string, duration: number) =>
  `Step ${step} done in ${seconds(duration)} s`;

/** @param duration milliseconds */
export const stepFailedRecord = (step: string, duration: number, reason: string) =>
  `Step ${step} failed after ${seconds(duration)} s: ${reason}`;

/** Reads the text of a log record; `undefined` when it is about no step. */
export function parseStepRecord(text: string): StepRecord | undefined {
  if (text.startsWith(PLAN)) {
    return { kind: 'plan', steps: text.slice(PLAN.length).split(SEPARATOR) };
  }
  const ended = /^Step (.+?) (?:done in|failed after) \d+\.\d s(?:$|: )/s.exec(text)?.[1];
  if (ended !== undefined) return { kind: 'end', step: ended };
  const begun = /^Step (.+)$/.exec(text)?.[1];
  return begun === undefined ? undefined : { kind: 'begin', step: begun };
}

const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(1);
