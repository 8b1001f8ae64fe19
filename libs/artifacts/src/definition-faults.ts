import { FatbuildrError } from '@fatbuildr/errors';

/** What is wrong with a definition, in the order it was found. */
export type Faults = FatbuildrError[];

/** What a check gives; its fault is kept, so that others can be found. */
export function attempt<T>(faults: Faults, check: () => T): T | undefined {
  try {
    return check();
  } catch (fault) {
    if (!(fault instanceof FatbuildrError)) throw fault;
    faults.push(fault);
    return undefined;
  }
}
