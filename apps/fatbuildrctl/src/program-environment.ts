import type { Readable, Writable } from 'node:stream';
import type { FatbuildrClient } from '@fatbuildr/protocol';
import type { Bus } from '@fatbuildr/protocol-dbus';

/** A stream for people or programs; `isTTY`, `columns` and `rows` as Node's own have them. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** What is typed or piped in; a terminal has `setRawMode`. */
export type InputStream = Readable & {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
};

/** What the program touches of the world around it. */
export interface ProgramEnvironment {
  stdout: OutputStream;
  stderr: OutputStream;
  stdin: InputStream;
  env: Readonly<NodeJS.ProcessEnv>;
  cwd: string;
  connect(bus: Bus, instance: string): Promise<FatbuildrClient>;
  /** Calls back at Ctrl-C, and when the program is told to end in another way, until the returned function is called. */
  onInterrupt(interrupted: () => void): () => void;
}

export const ENVIRONMENT = Symbol('ProgramEnvironment');

/** The last one when the terminal is closed. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function processEnvironment(): ProgramEnvironment {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: process.env,
    cwd: process.cwd(),
    async connect(bus, instance) {
      const { DbusClient } = await import('@fatbuildr/protocol-dbus');
      return DbusClient.connect(bus, instance);
    },
    onInterrupt(interrupted) {
      for (const signal of ENDING) process.once(signal, interrupted);
      return () => ENDING.forEach((signal) => process.off(signal, interrupted));
    },
  };
}
