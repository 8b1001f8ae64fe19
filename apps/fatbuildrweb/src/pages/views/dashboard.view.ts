import type { TaskDescription } from '@fatbuildr/protocol';
import { buildTimesChart, type BuildTimesChart } from '../chart/build-times';
import type { Links } from '../frame/links';
import { statusOf, taskView, titleOf, type TaskView } from './task.view';

export interface DashboardView {
  running: TaskView[];
  /** In the order they will begin. */
  waiting: TaskView[];
  /** Newest first. */
  finished: TaskView[];
  chart: BuildTimesChart | undefined;
  /** Of the finished builds, `94 %`; `undefined` without any. */
  successRate: string | undefined;
}

const SHOWN = 10;

export function dashboardView(
  tasks: {
    running: readonly TaskDescription[];
    waiting: readonly TaskDescription[];
    finished: readonly TaskDescription[];
  },
  links: Links,
  now: number,
): DashboardView {
  const { running, waiting, finished } = tasks;
  const builds = finished.filter(({ name }) => name === 'artifact build');
  const succeeded = builds.filter((task) => statusOf(task) === 'success').length;
  return {
    running: running.map((task) => taskView(task, links, now)),
    waiting: waiting.map((task) => taskView(task, links, now)),
    finished: finished.slice(0, SHOWN).map((task) => taskView(task, links, now)),
    chart: buildTimesChart(builds.flatMap(charted)),
    successRate:
      builds.length === 0 ? undefined : `${Math.round((succeeded / builds.length) * 100)} %`,
  };
}

function charted(task: TaskDescription) {
  const { started, ended } = task;
  if (started === undefined || ended === undefined) return [];
  const failed = statusOf(task) === 'failed';
  return [
    { title: titleOf(task), ended: ended * 1000, duration: (ended - started) * 1000, failed },
  ];
}
