import { PassThrough } from 'node:stream';
import type { FatbuildrClient } from '@fatbuildr/protocol';
import { parseCommandLine } from '../command-line/general-options';
import { runProgram } from '../program';
import type { ProgramEnvironment } from '../program-environment';

export interface Outcome {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs the program against a client of the test, without terminal, preferences or bus. */
export class ProgramHarness {
  /** Presses Ctrl-C. */
  interrupt: () => void = () => undefined;

  constructor(
    private readonly client: FatbuildrClient,
    private readonly around: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
  ) {}

  run(...args: string[]): Promise<Outcome> {
    return this.pipe(undefined, ...args);
  }

  /** @param input on standard input, which stays open without it */
  async pipe(input: string | undefined, ...args: string[]): Promise<Outcome> {
    const stdin = new PassThrough();
    if (input !== undefined) stdin.end(input);
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    const environment: ProgramEnvironment = {
      stdout,
      stderr,
      stdin,
      env: { XDG_CONFIG_HOME: '/nonexistent', ...this.around.env },
      cwd: this.around.cwd ?? '/nonexistent',
      connect: () => Promise.resolve(this.client),
      onInterrupt: (interrupted) => {
        this.interrupt = interrupted;
        return () => undefined;
      },
    };
    const status = await runProgram(parseCommandLine(args), environment);
    return { status, stdout: textOf(stdout), stderr: textOf(stderr) };
  }
}

function textOf(stream: PassThrough): string {
  return (stream.read() as Buffer | null)?.toString() ?? '';
}
