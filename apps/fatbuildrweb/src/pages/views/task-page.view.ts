import { TASK_ACTIONS, type Action } from '@fatbuildr/access';
import type { TaskDescription } from '@fatbuildr/protocol';
import type { Links } from '../frame/links';
import { moment, sizeText, type Moment } from '../frame/wording';
import { LOG_MARKER } from '../log/log-page';
import { stepViews, taskView, type StepView, type TaskView } from './task.view';

export interface ResultFile {
  name: string;
  /** Bytes. */
  size: number;
}

export interface TaskPageView {
  task: TaskView;
  /** What the changelog says, which need not be the task's user. */
  author: string | undefined;
  message: string | undefined;
  retries: { id: string; href: string } | undefined;
  place: { title: string; href: string } | undefined;
  steps: StepView[];
  files: { name: string; size: string; href: string }[];
  /** Whether it has not ended. */
  live: boolean;
  /** Whether the page itself goes on until it has. */
  followed: boolean;
  canCancel: boolean;
  canRetry: boolean;
  /** Until when the container of the failed build is kept. */
  keptUntil: Moment | undefined;
  canEnter: boolean;
  /** Address of its terminal; `undefined` without one. */
  terminal: string | undefined;
  /** Whether the reader may type there, and not only watch. */
  mayType: boolean;
  marker: string;
}

/** @param more what is known beside the row */
export function taskPageView(
  task: TaskDescription,
  more: {
    files: readonly ResultFile[];
    followed: boolean;
    terminal: string | undefined;
    mayType: boolean;
    may(action: Action): boolean;
  },
  links: Links,
  now: number,
): TaskPageView {
  const view = taskView(task, links, now);
  const live = task.state !== 'finished';
  const built = task.name === 'artifact build' ? task : undefined;
  return {
    task: view,
    author: built && `${built.author} <${built.email}>`,
    message: built?.message,
    retries:
      task.retries === undefined ? undefined : { id: task.retries, href: links.task(task.retries) },
    place: built && {
      title: `${built.format} registry, ${built.distribution}, ${built.derivative}`,
      href: links.registry(built.format, built.distribution, built.derivative),
    },
    steps: stepViews(task.steps, now),
    files: more.files.map(({ name, size }) => ({
      name,
      size: sizeText(size),
      href: links.ofTask(task.id, 'files', name),
    })),
    live,
    followed: more.followed,
    canCancel: live && more.may('manage-task'),
    keptUntil: task.kept_until === undefined ? undefined : moment(task.kept_until * 1000, now),
    canEnter: task.kept_until !== undefined && more.may('build'),
    canRetry: !live && more.may(TASK_ACTIONS[task.name]),
    terminal: live && task.io.interactive ? more.terminal : undefined,
    mayType: more.mayType,
    marker: LOG_MARKER,
  };
}
