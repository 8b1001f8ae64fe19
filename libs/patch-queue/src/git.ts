import { join } from 'node:path';
import { Readable } from 'node:stream';
import { plainEnvironment, run, type RunResult } from '@fatbuildr/processes';

/** Variables that would lead Git to another repository (`git rev-parse --local-env-vars`). */
export const LOCAL_VARIABLES = [
  ...['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_COMMON_DIR', 'GIT_PREFIX'],
  ...['GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES', 'GIT_SHALLOW_FILE'],
  ...['GIT_GRAFT_FILE', 'GIT_NAMESPACE', 'GIT_REPLACE_REF_BASE', 'GIT_NO_REPLACE_OBJECTS'],
  ...['GIT_CONFIG', 'GIT_CONFIG_PARAMETERS', 'GIT_CONFIG_COUNT', 'GIT_IMPLICIT_WORK_TREE'],
] as const;

export interface Person {
  name: string;
  email: string;
}

export interface GitOptions {
  input?: Buffer | string;
  env?: NodeJS.ProcessEnv;
  accept?: readonly number[];
  stderr?: (chunk: Buffer) => void;
}

/** Git in one work tree, which knows no configuration and runs no hooks but those of the work tree. */
export class Git {
  /** @param repository the one of the work tree, unless it is kept elsewhere */
  constructor(
    readonly folder: string,
    private readonly committer: Person,
    readonly repository = join(folder, '.git'),
  ) {}

  /** @throws FatbuildrError `PROCESS.FAILED`, `PROCESS.MISSING` */
  run(
    args: readonly string[],
    { input, env, accept, stderr }: GitOptions = {},
  ): Promise<RunResult> {
    return run(['git', ...args], {
      cwd: this.folder,
      env: {
        ...plainEnvironment(),
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_ATTR_NOSYSTEM: '1',
        GIT_TERMINAL_PROMPT: '0',
        GIT_EDITOR: 'true',
        // Whoever removed the repository must not work on another one above it.
        GIT_DIR: this.repository,
        GIT_WORK_TREE: this.folder,
        GIT_COMMITTER_NAME: this.committer.name,
        GIT_COMMITTER_EMAIL: this.committer.email,
        ...env,
      },
      stdin: input === undefined ? undefined : Readable.from([Buffer.from(input)]),
      accept,
      stderr,
    });
  }

  async text(args: readonly string[], options?: GitOptions): Promise<string> {
    return (await this.run(args, options)).stdout.toString('utf8').trimEnd();
  }

  async succeeds(args: readonly string[]): Promise<boolean> {
    return (await this.run(args, { accept: [0, 1, 128] })).status === 0;
  }

  /** What NUL separates. */
  async list(args: readonly string[]): Promise<string[]> {
    return (await this.run(args)).stdout.toString('utf8').split('\0').filter(Boolean);
  }
}
