/** Wire structures shared by every skin and by the client. Field names are those of the D-Bus and HTTP contracts. */

/** An artifact of a registry. `architecture` is normalized: `x86_64`, `aarch64`, `noarch`, `src` … */
export interface Artifact {
  name: string;
  architecture: string;
  version: string;
  /** Bytes; -1 when unknown. */
  size: number;
}

export interface ChangelogEntry {
  version: string;
  author: string;
  /** Seconds since the epoch. */
  date: number;
  changes: string[];
}

/** A member of a package: file, directory or link. */
export interface ContentMember {
  path: string;
  type: 'f' | 'd' | 'l';
  size: number;
}

/** Characters a terminal shows, both at least 1. */
export interface WindowSize {
  rows: number;
  columns: number;
}

/** An archive of sources handed over with a build: `path` is a file the sender wrote for the daemon. */
export interface SourceArchive {
  id: string;
  path: string;
}

/** Dates are `YYYY-MM-DD HH:MM:SS` in UTC, `never` for a key without expiry. */
export interface SubkeyDescription {
  fingerprint: string;
  algo: string;
  expires: string;
  creation: string;
}

export interface KeyringDescription extends SubkeyDescription {
  userid: string;
  id: string;
  last_update: string;
  subkey: SubkeyDescription;
}

export interface InstanceDescription {
  id: string;
  name: string;
  userid: string;
}

/** A token of the HTTP interface, which is shown to its user once, when it is issued. Times are seconds since the epoch. */
export interface TokenDescription {
  id: string;
  user: string;
  description: string;
  /** The actions it is limited to; none: everything its user may do. */
  scopes: string[];
  issued: number;
  expires: number;
  /** Only revoked ones have it. */
  revoked?: number;
  /** Its last use, to some minutes; only used ones have it. */
  used?: number;
}

export type TaskState = 'pending' | 'running' | 'finished';
export type TaskResult = 'unknown' | 'failed' | 'success';

/** What runs in an image or a build environment. */
export interface ShellParameters {
  /** Type of the terminal, as in `$TERM`; empty: there is none, the command reads from a pipe. */
  term: string;
  /** Program and arguments; empty: a shell. */
  command: string[];
}

/** The parameters of every kind of task, told apart by `name`. */
export type TaskParameters =
  | {
      name: 'artifact build';
      format: string;
      distribution: string;
      architectures: string[];
      derivative: string;
      artifact: string;
      author: string;
      email: string;
      message: string;
      /** Archives handed over with the request, already inside the workspace. */
      archives: SourceArchive[];
      /** Whether a shell opens where the build fails; absent means no. */
      interactive?: boolean;
      /** For how long the container is kept when the build fails, for example `2h`; absent: it is not. */
      keep_failed?: string;
      /** Of a retry: the task that the changelog names, and its submission in milliseconds since the epoch. */
      entry?: { task: string; submitted: number };
    }
  | ({
      name: 'failed build shell';
      /** Id of the build, whose container is kept. */
      build: string;
    } & ShellParameters)
  | {
      name: 'artifact deletion';
      format: string;
      distribution: string;
      derivative: string;
      artifact: Artifact;
    }
  | { name: 'registry reindexing'; format: string }
  | { name: 'image creation'; format: string; force: boolean }
  | { name: 'image update'; format: string }
  | ({ name: 'image shell'; format: string } & ShellParameters)
  | {
      name: 'image build environment creation';
      format: string;
      environment: string;
      architecture: string;
    }
  | {
      name: 'image build environment update';
      format: string;
      environment: string;
      architecture: string;
    }
  | ({
      name: 'image build environment shell';
      format: string;
      environment: string;
      architecture: string;
    } & ShellParameters)
  | { name: 'keyring creation' }
  | { name: 'keyring renewal'; duration: string }
  | { name: 'history purge' };

export type TaskName = TaskParameters['name'];
export type ParametersOf<N extends TaskName> = Extract<TaskParameters, { name: N }>;

/** Whether people may type into a task. */
export function isInteractive(parameters: TaskParameters): boolean {
  switch (parameters.name) {
    case 'artifact build':
      return parameters.interactive === true;
    case 'failed build shell':
    case 'image shell':
    case 'image build environment shell':
      return true;
    default:
      return false;
  }
}

export interface TaskIo {
  interactive: boolean;
  /** Path of the console socket, live while the task runs. */
  console: string;
  journal: { path: string };
}

/** A step of a task. */
export interface TaskStep {
  name: string;
  /** Seconds since the epoch; -1 for one that is planned and has not begun. */
  started: number;
  /** Milliseconds; -1 for one that has not ended. */
  duration: number;
}

/** How long a step of a task usually takes. */
export interface StepEstimate {
  name: string;
  /** Milliseconds. */
  duration: number;
}

export type TaskDescription = TaskParameters & {
  id: string;
  /** Order of submission, over all instances. */
  sequence: number;
  user: string;
  /** Seconds since the epoch. */
  submission: number;
  /** Absolute path of the workspace. */
  place: string;
  state: TaskState;
  result: TaskResult;
  /** From 1 on: its place among those that wait, in the order they start; only pending tasks have it. */
  position?: number;
  /** What it waits for, in a few words; only pending tasks have it. */
  waiting?: string;
  /** Id of the task this one is a retry of; only retries have it. */
  retries?: string;
  /** Why it failed, in one sentence; only failed tasks have it. */
  reason?: string;
  /** How the command of a shell ended that failed its task, 1 to 255; others have none. */
  exit_status?: number;
  /** Seconds since the epoch, until when the container of a failed build is kept; others have none. */
  kept_until?: number;
  /** Seconds since the epoch; only tasks that have begun have it. */
  started?: number;
  /** Seconds since the epoch; only finished tasks have it. */
  ended?: number;
  /** Of a running task also those that are planned. */
  steps: TaskStep[];
  io: TaskIo;
};

/** What a client sends to have an artifact built; `tarball` is the packed definition. */
export interface BuildSubmission {
  format: string;
  distribution: string;
  /** Empty: those of the instance. */
  architectures: string[];
  derivative: string;
  artifact: string;
  author: string;
  email: string;
  message: string;
  tarball: string;
  sources: SourceArchive[];
  interactive: boolean;
  /** For how long the container is kept when the build fails, for example `2h`; absent: it is not. */
  keep_failed?: string;
}
