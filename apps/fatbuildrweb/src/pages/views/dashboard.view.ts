import type { TaskDescription } from '@fatbuildr/protocol';
import { buildTimesChart, type BuildTimesChart } from '../chart/build-times';
import type { Links } from '../frame/links';
import { counted } from '../frame/wording';
import { statusOf, taskView, titleOf, type TaskTimes, type TaskView } from './task.view';

type Task = TaskDescription & TaskTimes & { waits?: string };

export interface DashboardView {
  running: TaskView[];
  /** In the order they will begin. */
  waiting: (TaskView & { waits: string })[];
  /** Newest first. */
  finished: TaskView[];
  chart: BuildTimesChart | undefined;
  /** Of the finished builds, `94 %`; `undefined` without any. */
  successRate: string | undefined;
}

const SHOWN = 10;

export function dashboardView(
  tasks: { running: readonly Task[]; waiting: readonly Task[]; finished: readonly Task[] },
  links: Links,
  now: number,
): DashboardView {
  const { running, waiting, finished } = tasks;
  const builds = finished.filter(({ name }) => name === 'artifact build');
  const succeeded = builds.filter((task) => statusOf(task) === 'success').length;
  return {
    running: running.map((task) => taskView(task, links, now)),
    waiting: waiting.map((task, index) => ({
      ...taskView(task, links, now),
      waits: task.waits ?? waitingFor(index + running.length),
    })),
    finished: finished.slice(0, SHOWN).map((task) => taskView(task, links, now)),
    chart: buildTimesChart(builds.flatMap(charted)),
    successRate:
      builds.length === 0 ? undefined : `${Math.round((succeeded / builds.length) * 100)} %`,
  };
}

/** Why a task waits when nothing more is known: what is before it. */
function waitingFor(ahead: number): string {
  return ahead === 0 ? 'begins as soon as the daemon takes it' : `behind ${counted(ahead, 'task')}`;
}

function charted(task: Task) {
  const { started, ended } = task;
  if (started === undefined || ended === undefined) return [];
  const failed = statusOf(task) === 'failed';
  return [{ title: titleOf(task), ended, duration: ended - started, failed }];
}
