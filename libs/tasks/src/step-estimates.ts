import type { StepEstimate } from '@fatbuildr/protocol';
import type { StepRecord } from './tasks.entity';

/** The median duration of each step of some tasks, in the order of the first that has it. */
export function estimateSteps(tasks: readonly (readonly StepRecord[])[]): StepEstimate[] {
  const durations = new Map<string, number[]>();
  for (const { name, duration } of tasks.flat()) {
    if (duration === null) continue;
    durations.set(name, [...(durations.get(name) ?? []), duration]);
  }
  return [...durations].map(([name, all]) => ({ name, duration: median(all) }));
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1]!;
  const lower = sorted[(sorted.length - 1) >> 1]!;
  return Math.round((lower + upper) / 2);
}
