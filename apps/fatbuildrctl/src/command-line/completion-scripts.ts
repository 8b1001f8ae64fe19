import type { CommandDescription, OptionDescription } from './command-description';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export interface ProgramDescription {
  options: readonly OptionDescription[];
  commands: readonly CommandDescription[];
}

export const COMPLETIONS: Readonly<Record<Shell, (program: ProgramDescription) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** Every place in the tree of commands: its words and what may follow. */
function places(program: ProgramDescription): {
  words: string;
  options: readonly OptionDescription[];
  commands: readonly CommandDescription[];
}[] {
  const below = (
    commands: readonly CommandDescription[],
    prefix: string,
  ): ReturnType<typeof places> =>
    commands.flatMap((command) => {
      const words = `${prefix}${command.name}`;
      return [
        { words, options: command.options, commands: command.commands },
        ...below(command.commands, `${words} `),
      ];
    });
  return [
    { words: '', options: program.options, commands: program.commands },
    ...below(program.commands, ''),
  ];
}

function flagsWithValue(program: ProgramDescription): string[] {
  const options = places(program).flatMap((place) => place.options);
  const flags = options.filter(({ takesValue }) => takesValue).flatMap((option) => option.flags);
  return [...new Set(flags)].sort();
}

function choiceFlags(program: ProgramDescription): { flag: string; choices: readonly string[] }[] {
  return program.options
    .filter(({ choices }) => choices.length > 0)
    .flatMap(({ flags, choices }) => flags.map((flag) => ({ flag, choices })));
}

function bashCompletion(program: ProgramDescription): string {
  const candidates = places(program).map(({ words, options, commands }) => {
    const list = [
      ...commands.map(({ name }) => name),
      ...options.flatMap(({ flags }) => flags),
      ...(words === '' ? [] : ['--help']),
      ...(words === 'completion' ? SHELLS : []),
    ];
    return `    '${words}') candidates='${[...new Set(list)].join(' ')}' ;;`;
  });
  const choices = choiceFlags(program).map(
    ({ flag, choices }) =>
      `    ${flag}) COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$current")); return ;;`,
  );
  const paths = places(program)
    .filter(({ words }) => words !== '')
    .map(({ words }) => `'${words}'`);
  return `# bash completion of fatbuildrctl; load it with: eval "$(fatbuildrctl completion bash)"
_fatbuildrctl() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local path='' word skip='' candidates=''
  COMPREPLY=()
  case "$previous" in
${choices.join('\n')}
    ${flagsWithValue(program).join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [ -n "$skip" ]; then skip=''; continue; fi
    case "$word" in
      ${flagsWithValue(program).join('|')}) skip=1; continue ;;
      -*) continue ;;
    esac
    case "\${path:+$path }$word" in
      ${paths.join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${candidates.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$candidates" -- "$current"))
}
complete -o filenames -F _fatbuildrctl fatbuildrctl
`;
}

function zshCompletion(program: ProgramDescription): string {
  // zsh runs bash completions through its own bashcompinit; one script then serves both.
  return `#compdef fatbuildrctl
# zsh completion of fatbuildrctl; load it with: eval "$(fatbuildrctl completion zsh)"
autoload -U +X bashcompinit && bashcompinit
${bashCompletion(program).split('\n').slice(1).join('\n')}`;
}

function fishCompletion(program: ProgramDescription): string {
  const lines = [
    '# fish completion of fatbuildrctl; load it with: fatbuildrctl completion fish | source',
  ];
  const topLevel = program.commands.map(({ name }) => name).join(' ');
  const atTop = `not __fish_seen_subcommand_from ${topLevel}`;
  lines.push('complete -c fatbuildrctl -f');
  lines.push(...program.options.map((option) => fishOption(option, atTop)));
  for (const command of program.commands) {
    const seen = `__fish_seen_subcommand_from ${command.name}`;
    lines.push(fishWord(command.name, command.description, atTop));
    lines.push(...command.options.map((option) => fishOption(option, seen)));
    const names = command.commands.map(({ name }) => name).join(' ');
    const undecided = `${seen}; and not __fish_seen_subcommand_from ${names}`;
    for (const child of command.commands) {
      lines.push(fishWord(child.name, child.description, undecided));
      const chosen = `${seen}; and __fish_seen_subcommand_from ${child.name}`;
      lines.push(...child.options.map((option) => fishOption(option, chosen)));
    }
    if (command.name === 'completion') {
      lines.push(...SHELLS.map((shell) => fishWord(shell, '', seen)));
    }
  }
  return `${lines.join('\n')}\n`;
}

function fishWord(word: string, description: string, condition: string): string {
  return `complete -c fatbuildrctl -n ${quote(condition)} -a ${word} -d ${quote(description)}`;
}

function fishOption(option: OptionDescription, condition: string): string {
  const flags = option.flags.map((flag) =>
    flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  );
  const value = option.takesValue ? ' -r' : '';
  const choices = option.choices.length > 0 ? ` -a ${quote(option.choices.join(' '))}` : ' -F';
  return `complete -c fatbuildrctl -n ${quote(condition)} ${flags.join(' ')}${value}${option.takesValue ? choices : ''} -d ${quote(option.description)}`;
}

/** Single-quoted for fish: only the quote and the backslash are special inside. */
function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
