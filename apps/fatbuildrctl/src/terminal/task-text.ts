import type { TaskDescription } from '@fatbuildr/protocol';
import type { Colors } from './terminal';
import { clock, localTime, table, type Cell } from './table';

/** What a task works on, in a few words. */
export function taskSubject(task: TaskDescription): string {
  switch (task.name) {
    case 'artifact build':
      return `${task.artifact} (${[task.format, task.distribution, task.derivative].join(' ')})`;
    case 'failed build shell':
      return task.build;
    case 'artifact deletion':
      return `${task.artifact.name} ${task.artifact.version} ${task.artifact.architecture} (${[task.format, task.distribution, task.derivative].join(' ')})`;
    case 'image build environment creation':
    case 'image build environment update':
    case 'image build environment shell':
      return `${task.environment}-${task.architecture} (${task.format})`;
    case 'image creation':
    case 'image update':
    case 'image shell':
    case 'registry reindexing':
      return task.format;
    case 'keyring renewal':
      return task.duration;
    case 'keyring creation':
    case 'history purge':
      return '';
    default:
      // A task of a later daemon: its name says enough.
      return '';
  }
}

/** The first characters of an id tell the tasks of a table apart; structures have all of it. */
const SHORT_ID = 8;

function subjectAndOrigin(task: TaskDescription): string {
  const origin = task.retries ? `retry of ${task.retries.slice(0, SHORT_ID)}` : '';
  return [taskSubject(task), origin].filter((part) => part !== '').join(', ');
}

function coloredState(task: TaskDescription, colors: Colors): Cell {
  if (task.state === 'running') return { text: 'running', paint: colors.cyan };
  if (task.state === 'pending') return { text: 'pending', paint: colors.yellow };
  return { text: task.result, paint: task.result === 'success' ? colors.green : colors.red };
}

export function tasksTable(tasks: readonly TaskDescription[], colors: Colors): string {
  const waiting = tasks.some((task) => task.waiting !== undefined);
  const rows = tasks.map((task) => [
    task.id,
    task.name,
    subjectAndOrigin(task),
    task.user,
    localTime(task.submission),
    coloredState(task, colors),
    ...(waiting ? [task.position === undefined ? '' : String(task.position)] : []),
    ...(waiting ? [task.waiting ?? ''] : []),
  ]);
  const headings = ['ID', 'TASK', 'SUBJECT', 'USER', 'SUBMITTED', 'STATE'];
  return table(waiting ? [...headings, 'TURN', 'WAITING'] : headings, rows, colors);
}

/** Finished tasks: when, for how long, how they ended and why. */
export function historyTable(tasks: readonly TaskDescription[], colors: Colors): string {
  const rows = tasks.map((task) => [
    task.id,
    task.name,
    subjectAndOrigin(task),
    task.user,
    localTime(task.submission),
    duration(task),
    coloredState(task, colors),
    [task.reason?.replace(/\s+/g, ' '), keptText(task)].filter(Boolean).join('; '),
  ]);
  const headings = ['ID', 'TASK', 'SUBJECT', 'USER', 'SUBMITTED', 'TOOK', 'RESULT', 'REASON'];
  return table(headings, rows, colors);
}

/** How to get into what is kept of a failed build. */
function keptText({ id, kept_until: until }: TaskDescription): string {
  return until === undefined ? '' : `kept until ${localTime(until)}: fatbuildrctl shell ${id}`;
}

/** One that never began took no time. */
function duration({ started, ended }: TaskDescription): string {
  return started === undefined || ended === undefined ? '-' : clock(ended - started);
}
