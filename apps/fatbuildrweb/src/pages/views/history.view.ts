import type { TaskDescription, TaskFilter, TaskName, TaskResult } from '@fatbuildr/protocol';
import { TASK_NAMES } from '@fatbuildr/tasks';
import type { Links } from '../frame/links';
import { taskView, type TaskView } from './task.view';

/** What the query of the page may hold; strangers write anything there. */
export type HistoryQuery = Readonly<Record<string, unknown>>;

const RESULTS: readonly { value: TaskResult; text: string }[] = [
  { value: 'success', text: 'succeeded' },
  { value: 'failed', text: 'failed' },
];

/** @returns the filter; what makes no sense is left out */
export function historyFilter(query: HistoryQuery): TaskFilter {
  const { result, kind, before } = query;
  const found: TaskFilter = { states: ['finished'] };
  const known = RESULTS.find(({ value }) => value === result);
  if (known !== undefined) found.result = known.value;
  const name = TASK_NAMES.find((one: TaskName) => one === kind);
  if (name !== undefined) found.name = name;
  for (const key of ['artifact', 'user'] as const) {
    const value = query[key];
    if (typeof value === 'string' && value.trim() !== '') found[key] = value.trim();
  }
  if (typeof before === 'string' && /^\d{1,15}$/.test(before)) found.before = Number(before);
  return found;
}

export interface HistoryView {
  tasks: TaskView[];
  filters: {
    name: string;
    label: string;
    value: string;
    choices?: { value: string; text: string }[];
  }[];
  filtered: boolean;
  /** Address of the first page; `undefined` on it. */
  newer: string | undefined;
  /** Address of the next page; `undefined` on the last. */
  older: string | undefined;
}

/** @param tasks one more than fits on the page, when there are more */
export function historyView(
  tasks: readonly TaskDescription[],
  filter: TaskFilter,
  size: number,
  links: Links,
  now: number,
): HistoryView {
  const { result = '', name = '', artifact = '', user = '', before } = filter;
  const shown = tasks.slice(0, size);
  const choices = Object.entries({ result, kind: name, artifact, user }).filter(([, one]) => one);
  const address = (more: Record<string, string> = {}) => {
    const query = new URLSearchParams([...choices, ...Object.entries(more)]).toString();
    return query === '' ? links.history() : `${links.history()}?${query}`;
  };
  const last = shown.at(-1);
  return {
    tasks: shown.map((task) => taskView(task, links, now)),
    filters: [
      { name: 'artifact', label: 'Artifact', value: artifact },
      { name: 'user', label: 'Submitted by', value: user },
      { name: 'result', label: 'Result', value: result, choices: [...RESULTS] },
      {
        ...{ name: 'kind', label: 'Kind of task', value: name },
        choices: TASK_NAMES.map((value: TaskName) => ({ value, text: value })),
      },
    ],
    filtered: choices.length > 0,
    newer: before === undefined ? undefined : address(),
    older:
      tasks.length > size && last !== undefined
        ? address({ before: String(last.sequence) })
        : undefined,
  };
}
