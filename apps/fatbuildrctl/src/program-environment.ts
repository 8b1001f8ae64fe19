import type { Readable, Writable } from 'node:stream';
import type { FatbuildrClient } from '@fatbuildr/protocol';
import type { Target } from './connection/target';

/** A stream for people or programs; `isTTY` and `columns` as Node's own have them. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** What the program touches of the world around it. */
export interface ProgramEnvironment {
  stdout: OutputStream;
  stderr: OutputStream;
  stdin: Readable & { readonly isTTY?: boolean };
  env: Readonly<NodeJS.ProcessEnv>;
  cwd: string;
  /** @param tokens folder of the user's tokens for servers */
  connect(target: Target, tokens: string): Promise<FatbuildrClient>;
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
    async connect(target, tokens) {
      if ('uri' in target) {
        // Loaded here: who talks to a bus needs none of it.
        const { connectHttp } = await import('@fatbuildr/protocol-http');
        return connectHttp(target.uri, tokens);
      }
      const { DbusClient } = await import('@fatbuildr/protocol-dbus');
      return DbusClient.connect(target.bus, target.instance);
    },
    onInterrupt(interrupted) {
      process.once('SIGINT', interrupted);
      return () => process.off('SIGINT', interrupted);
    },
  };
}
