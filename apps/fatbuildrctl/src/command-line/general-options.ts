import { missingValue, unknownChoice, unknownGeneralOption, unwantedValue } from './usage.errors';

export const OUTPUT_FORMATS = ['text', 'json', 'yaml'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** What stands before the command. */
export interface GeneralOptions {
  help: boolean;
  version: boolean;
  debug: boolean;
  fulldebug: boolean;
  color: boolean;
  output: OutputFormat;
  preferences?: string;
  uri?: string;
  home?: string;
}

export interface CommandLine {
  general: GeneralOptions;
  /** The command with its options and arguments. */
  command: string[];
}

interface Flag {
  flags: readonly string[];
  /** Placeholder of the value; absent for a switch. */
  value?: string;
  description: string;
  apply: (options: GeneralOptions, value: string) => void;
}

/** The one table of the general options: the parser, the help and the completions read it. */
export const GENERAL_OPTIONS: readonly Flag[] = [
  {
    flags: ['-h', '--help'],
    description: 'show help for the program or the command',
    apply: (options) => (options.help = true),
  },
  {
    flags: ['-v', '--version'],
    description: 'show the version',
    apply: (options) => (options.version = true),
  },
  {
    flags: ['--debug'],
    description: 'show debugging messages and the causes of errors',
    apply: (options) => (options.debug = true),
  },
  {
    flags: ['--fulldebug'],
    description: 'show the stacks of errors as well',
    apply: (options) => (options.debug = options.fulldebug = true),
  },
  {
    flags: ['--preferences'],
    value: 'file',
    description: 'user preferences (default: $XDG_CONFIG_HOME/fatbuildr.ini)',
    apply: (options, value) => (options.preferences = value),
  },
  {
    flags: ['--uri'],
    value: 'uri',
    description:
      'instance to talk to: dbus://system/<instance> or dbus://session/<instance> (default: $FATBUILDR_URI, preferences, dbus://system/default)',
    apply: (options, value) => (options.uri = value),
  },
  {
    flags: ['--home'],
    value: 'dir',
    description: 'talk to the daemon that runs under this folder (default: $FATBUILDR_HOME)',
    apply: (options, value) => (options.home = value),
  },
  {
    flags: ['-o', '--output'],
    value: 'format',
    description: 'how results are printed: text, json or yaml (default: text)',
    apply: (options, value) => (options.output = outputFormat(value)),
  },
  {
    flags: ['--no-color'],
    description: 'no colours (also: NO_COLOR)',
    apply: (options) => (options.color = false),
  },
];

/** @throws FatbuildrError `USAGE.WRONG` */
export function outputFormat(value: string): OutputFormat {
  const format = OUTPUT_FORMATS.find((known) => known === value);
  if (format === undefined) throw unknownChoice('output format', value, OUTPUT_FORMATS);
  return format;
}

/**
 * Splits the arguments of the program at the command: `--uri X list -d y` → uri X and `list -d y`.
 *
 * @throws FatbuildrError `USAGE.WRONG`
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const general: GeneralOptions = {
    help: false,
    version: false,
    debug: false,
    fulldebug: false,
    color: true,
    output: 'text',
  };
  let at = 0;
  for (; at < args.length; at += 1) {
    const argument = args[at] ?? '';
    if (!argument.startsWith('-') || argument === '-') break;
    if (argument === '--') {
      at += 1;
      break;
    }
    const { name, attached } = splitFlag(argument);
    const flag = GENERAL_OPTIONS.find(({ flags }) => flags.includes(name));
    if (flag === undefined) {
      const known = GENERAL_OPTIONS.flatMap(({ flags }) => flags);
      throw unknownGeneralOption(name, known);
    }
    if (flag.value === undefined) {
      if (attached !== undefined) throw unwantedValue(name);
      flag.apply(general, '');
      continue;
    }
    if (attached === undefined) at += 1;
    const value = attached ?? args[at];
    if (value === undefined) throw missingValue(name);
    flag.apply(general, value);
  }
  return { general, command: args.slice(at) };
}

/** `--uri=X` and `-ojson` carry their value along. */
function splitFlag(argument: string): { name: string; attached?: string } {
  if (!argument.startsWith('--')) {
    return argument.length > 2
      ? { name: argument.slice(0, 2), attached: argument.slice(2) }
      : { name: argument };
  }
  const equals = argument.indexOf('=');
  return equals === -1
    ? { name: argument }
    : { name: argument.slice(0, equals), attached: argument.slice(equals + 1) };
}

/** Injects the general options; what stands after the command may still change them. */
export const GENERAL_OPTIONS_TOKEN = Symbol('GeneralOptions');
