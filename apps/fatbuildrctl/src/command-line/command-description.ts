import type { Command } from 'commander';
import { GENERAL_OPTIONS, OUTPUT_FORMATS } from './general-options';
import type { HelpTexts } from './help-texts';

/** What a shell can complete, taken from the commands themselves. */
export interface CommandDescription {
  name: string;
  description: string;
  options: OptionDescription[];
  /** Whether arguments follow the options. */
  takesArguments: boolean;
  commands: CommandDescription[];
}

export interface OptionDescription {
  flags: string[];
  description: string;
  takesValue: boolean;
  choices: readonly string[];
}

export function describeCommand(command: Command): CommandDescription {
  return {
    name: command.name(),
    description: command.description(),
    takesArguments: command.registeredArguments.length > 0,
    options: command.options
      .filter(({ hidden }) => !hidden)
      .map(({ short, long, description, required, optional, argChoices }) => ({
        flags: [short, long].filter((flag) => flag !== undefined),
        description,
        takesValue: required || optional,
        choices: argChoices ?? [],
      })),
    commands: command.commands.map(describeCommand),
  };
}

/** The general options, which no command knows. */
export function describeGeneralOptions(): OptionDescription[] {
  return GENERAL_OPTIONS.map(({ flags, value, description }) => ({
    flags: [...flags],
    description,
    takesValue: value !== undefined,
    choices: value === 'format' ? OUTPUT_FORMATS : [],
  }));
}

/** The help of the program (`''`) and of every command by its words. */
export function helpTexts(root: Command): HelpTexts {
  const texts: Record<string, string> = {};
  const visit = (command: Command, path: string) => {
    texts[path] = command.helpInformation();
    for (const child of command.commands) {
      visit(child, path === '' ? child.name() : `${path} ${child.name()}`);
    }
  };
  visit(root, '');
  return texts;
}
