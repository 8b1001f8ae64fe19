import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '@fatbuildr/errors';
import { version } from '../../../package.json';
import { parseCommandLine, type CommandLine } from './command-line/general-options';
import { helpPath, type HelpTexts } from './command-line/help-texts';
import { modernSpelling } from './command-line/legacy-spellings';
import { loadProgram } from './load-program';

/** Written beside the bundle when it is made, so that help needs no container of commands. */
const HELP_FILE = join(__dirname, 'help.json');

/** A reader that has seen enough (`fatbuildrctl history | head`) is no fault. */
process.stdout.on('error', (fault: NodeJS.ErrnoException) => {
  if (fault.code !== 'EPIPE') throw fault;
  process.exit(process.exitCode ?? 0);
});

/** Version, help and wrong general options are answered here; all else loads the program. */
async function main(args: readonly string[]): Promise<number> {
  let line: CommandLine;
  try {
    line = parseCommandLine(args);
    line.command = modernSpelling(line.command);
  } catch (fault) {
    process.stderr.write(`fatbuildrctl: ${messageOf(fault)}\n`);
    return 2;
  }
  if (line.general.version) {
    process.stdout.write(`fatbuildrctl ${version}\n`);
    return 0;
  }
  const asksForNothing = line.command.length === 0 && !line.general.help;
  if (asksForNothing || line.general.help || mentionsHelp(line.command)) {
    const texts = JSON.parse(readFileSync(HELP_FILE, 'utf8')) as HelpTexts;
    const path = asksForNothing ? '' : helpPath(line.general.help, line.command, texts);
    if (path !== undefined) {
      (asksForNothing ? process.stderr : process.stdout).write(texts[path] ?? '');
      return asksForNothing ? 2 : 0;
    }
  }
  const program = join(__dirname, 'program.js');
  return loadProgram({ program, code: compiledCode() }).exports.runProgram(line);
}

/** Written beside the bundle as well. */
function compiledCode(): Buffer | undefined {
  try {
    return readFileSync(join(__dirname, 'program.code'));
  } catch {
    return undefined;
  }
}

function mentionsHelp(command: readonly string[]): boolean {
  // What follows belongs to the program of a shell.
  const end = command.indexOf('--');
  const own = end === -1 ? command : command.slice(0, end);
  return own[0] === 'help' || own.includes('-h') || own.includes('--help');
}

void main(process.argv.slice(2))
  .catch((fault: unknown) => {
    process.stderr.write(`fatbuildrctl: ${messageOf(fault)}\n`);
    return 1;
  })
  .then((status) => {
    process.exitCode = status;
  });
