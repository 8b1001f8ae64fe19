import { readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

/** What the bundle's `program.js` exports. */
export type Program = typeof import('./program');

/** The file of a program and the code that V8 made of it when it was bundled. */
export interface ProgramFiles {
  program: string;
  /** Without it, or under another version of Node, V8 compiles the program anew. */
  code?: Buffer;
}

/**
 * Loads the bundled program as `require` would, but with its compiled code: compiling is a quarter of
 * what a short command takes.
 *
 * @returns the program, and the script that its code can be taken from
 */
export function loadProgram({ program, code }: ProgramFiles): { exports: Program; script: Script } {
  const source = Module.wrap(readFileSync(program, 'utf8'));
  const script = new Script(source, { filename: program, cachedData: code });
  const module = { exports: {} };
  const run = script.runInThisContext() as (...args: unknown[]) => void;
  run(module.exports, createRequire(program), module, program, dirname(program));
  return { exports: module.exports as Program, script };
}
