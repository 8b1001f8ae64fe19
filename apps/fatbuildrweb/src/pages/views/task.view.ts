import type { TaskDescription, TaskStep } from '@fatbuildr/protocol';
import type { Links } from '../frame/links';
import { durationText, moment, type Moment } from '../frame/wording';

export type TaskStatus = 'waiting' | 'running' | 'success' | 'failed';

const STATUS_TEXTS: Readonly<Record<TaskStatus, string>> = {
  waiting: 'waiting',
  running: 'running',
  success: 'succeeded',
  failed: 'failed',
};

/** A task in a list. */
export interface TaskView {
  id: string;
  href: string;
  title: string;
  /** Where it works: `deb, bookworm, main, x86_64`. */
  detail: string;
  user: string;
  status: TaskStatus;
  statusText: string;
  submitted: Moment;
  /** How long it took, or has been running; `undefined` before it begins. */
  duration: string | undefined;
  reason: string | undefined;
  /** What it waits for. */
  waits: string | undefined;
}

export function taskView(task: TaskDescription, links: Links, now: number): TaskView {
  const status = statusOf(task);
  return {
    id: task.id,
    href: links.task(task.id),
    title: titleOf(task),
    detail: detailOf(task),
    user: task.user,
    status,
    statusText: STATUS_TEXTS[status],
    submitted: moment(task.submission * 1000, now),
    duration:
      task.started === undefined
        ? undefined
        : durationText((task.ended ?? now / 1000) * 1000 - task.started * 1000),
    reason: task.reason,
    waits: task.waiting,
  };
}

export function statusOf({ state, result }: TaskDescription): TaskStatus {
  if (state === 'pending') return 'waiting';
  if (state === 'running') return 'running';
  return result === 'success' ? 'success' : 'failed';
}

/** What a task does, in a few words. */
export function titleOf(task: TaskDescription): string {
  switch (task.name) {
    case 'artifact build':
      return `Build ${task.artifact}`;
    case 'failed build shell':
      return `Shell in failed build ${task.build.slice(0, 8)}`;
    case 'artifact deletion':
      return `Delete ${task.artifact.name} ${task.artifact.version}`;
    case 'registry reindexing':
      return `Reindex the ${task.format} registry`;
    case 'image creation':
      return `Create the ${task.format} image`;
    case 'image update':
      return `Update the ${task.format} image`;
    case 'image shell':
      return `Shell in the ${task.format} image`;
    case 'image build environment creation':
      return `Create environment ${task.environment}`;
    case 'image build environment update':
      return `Update environment ${task.environment}`;
    case 'image build environment shell':
      return `Shell in environment ${task.environment}`;
    case 'keyring creation':
      return 'Create the keyring';
    case 'keyring renewal':
      return 'Renew the keyring';
    case 'history purge':
      return 'Purge the history';
    default:
      return capital((task as { name: string }).name);
  }
}

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);

const PLACES = ['format', 'distribution', 'derivative', 'environment', 'architecture'] as const;

function detailOf(task: TaskDescription): string {
  const fields = task as Partial<Record<(typeof PLACES)[number] | 'architectures', unknown>>;
  const parts = PLACES.flatMap((name) => (typeof fields[name] === 'string' ? [fields[name]] : []));
  if (Array.isArray(fields.architectures)) parts.push(fields.architectures.join(' '));
  if (task.name === 'artifact deletion') parts.push(task.artifact.architecture);
  return parts.join(' · ');
}

/** A step of a task, with its share of the whole for a bar. */
export interface StepView {
  name: string;
  /** How long it took, or what there is to say instead. */
  duration: string;
  /** 0–100. */
  share: number;
}

export function stepViews(steps: readonly TaskStep[], now: number): StepView[] {
  const passed = steps.map(({ started, duration }) => {
    if (duration >= 0) return duration;
    return started >= 0 ? Math.max(0, now - started * 1000) : 0;
  });
  const longest = Math.max(1, ...passed);
  return steps.map(({ name, started, duration }, index) => {
    const text = started < 0 && duration < 0 ? 'planned' : durationText(passed[index]!);
    return {
      name,
      duration: started >= 0 && duration < 0 ? `${text} so far` : text,
      share: Math.round((passed[index]! / longest) * 100),
    };
  });
}
