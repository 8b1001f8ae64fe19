import { usageError } from './usage.errors';

/** Switches of the old `images` command and the commands they became. */
const IMAGES_SWITCHES: Readonly<Record<string, string>> = {
  '--create': 'create',
  '--update': 'update',
  '--create-envs': 'env-create',
  '--update-envs': 'env-update',
};

/** Options of commands that are followed by a value, which is never read as a switch. */
const WITH_VALUE: ReadonlySet<string> = new Set([
  ...['-a', '--artifact', '-d', '--distribution', '-f', '--format', '--derivative'],
  ...['-b', '--basedir', '-s', '--subdir', '-n', '--name', '-e', '--email', '-m', '--msg'],
  ...['--architecture', '--sources', '--duration', '--source-dir', '--source-version'],
  ...['-o', '--output', '-l', '--limit', '--user', '--state', '--result', '--task-type'],
  ...['--since', '--until'],
]);

/**
 * Turns the spellings of Fatbuildr 2 into today's: `archives` is `history list`, `images --create` is
 * `images create` and so on, `-w/--watch` is what happens anyway, `--source-dir D --source-version V`
 * is `--sources V@D`, `history -l N` is `history -n N`.
 */
export function modernSpelling(command: readonly string[]): string[] {
  // What follows belongs to the program of a shell.
  const end = command.indexOf('--');
  if (end !== -1) return [...modernSpelling(command.slice(0, end)), ...command.slice(end)];
  const [name, ...rest] = command;
  switch (name) {
    case 'archives':
      return ['history', 'list', ...withLimit(withoutWatch(rest))];
    case 'history':
      return ['history', ...withLimit(rest)];
    case 'images':
      return ['images', ...imagesSubcommand(withoutWatch(rest))];
    case 'build':
    case 'patches':
    case 'keyring':
      return [name, ...localSource(withoutWatch(rest))];
    default:
      return [...command];
  }
}

/** `-l` is the short form that `--limit` had. */
function withLimit(args: readonly string[]): string[] {
  return args.map((argument, at) => (argument === '-l' && !isValue(args, at) ? '-n' : argument));
}

function withoutWatch(args: readonly string[]): string[] {
  return args.filter(
    (argument, at) => !((argument === '-w' || argument === '--watch') && !isValue(args, at)),
  );
}

function imagesSubcommand(args: readonly string[]): string[] {
  const at = args.findIndex(
    (argument, index) => argument in IMAGES_SWITCHES && !isValue(args, index),
  );
  const chosen = IMAGES_SWITCHES[args[at] ?? ''];
  return chosen === undefined ? [...args] : [chosen, ...args.filter((_, index) => index !== at)];
}

function localSource(args: readonly string[]): string[] {
  const rest = [...args];
  const folder = take(rest, '--source-dir');
  const version = take(rest, '--source-version');
  if (folder === undefined && version === undefined) return rest;
  if (folder === undefined) throw usageError('--source-version needs --source-dir');
  return [...rest, '--sources', version === undefined ? folder : `${version}@${folder}`];
}

/** Removes an option and its value from the arguments. */
function take(args: string[], flag: string): string | undefined {
  const at = args.findIndex(
    (argument, index) =>
      (argument === flag || argument.startsWith(`${flag}=`)) && !isValue(args, index),
  );
  if (at === -1) return undefined;
  const [found = ''] = args.splice(at, 1);
  if (found !== flag) return found.slice(flag.length + 1);
  const [value] = args.splice(at, 1);
  if (value === undefined) throw usageError(`option ${flag} needs a value`);
  return value;
}

function isValue(args: readonly string[], at: number): boolean {
  return at > 0 && WITH_VALUE.has(args[at - 1] ?? '');
}
