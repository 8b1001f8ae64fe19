/** The help of each command by its words, `''` for the program: `{ 'registry list': 'Usage: …' }`. */
export type HelpTexts = Readonly<Record<string, string>>;

/** Which help a command line asks for; `undefined` when it asks for none. */
export function helpPath(
  help: boolean,
  command: readonly string[],
  texts: HelpTexts,
): string | undefined {
  const end = command.indexOf('--');
  const words = end === -1 ? command : command.slice(0, end);
  const asked = help || words.includes('-h') || words.includes('--help') || words[0] === 'help';
  if (!asked) return undefined;
  const names = words[0] === 'help' ? words.slice(1) : words;
  let path = '';
  for (const name of names) {
    if (name.startsWith('-')) continue;
    const deeper = path === '' ? name : `${path} ${name}`;
    if (!(deeper in texts)) break;
    path = deeper;
  }
  // An unknown command is an error, not a question for help.
  const first = names[0];
  return path === '' && first !== undefined && !first.startsWith('-') ? undefined : path;
}
