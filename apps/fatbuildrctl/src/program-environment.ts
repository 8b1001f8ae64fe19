import type { Readable, Writable } from 'node:stream';
import type { FatbuildrClient } from '@fatbuildr/protocol';
import type { Bus } from '@fatbuildr/protocol-dbus';

/** A stream for people or programs; `isTTY` and `columns` as Node's own have them. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** What the program touches of the world around it. */
export interface ProgramEnvironment {
  stdout: OutputStream;
  stderr: OutputStream;
  stdin: Readable & { readonly isTTY?: boolean };
  env: Readonly<NodeJS.ProcessEnv>;
  cwd: string;
  connect(bus: Bus, instance: string): Promise<FatbuildrClient>;
  /** Calls back at Ctrl-C until the returned function is called. */
  onInterrupt(interrupted: () => void): () => void;
}

export const ENVIRONMENT = Symbol('ProgramEnvironment');

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
      process.once('SIGINT', interrupted);
      return () => process.off('SIGINT', interrupted);
    },
  };
}
