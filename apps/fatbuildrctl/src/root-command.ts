import { Inject, Injectable } from '@nestjs/common';
import { InjectCommander } from 'nest-commander';
import { Command, Option } from 'commander';
import {
  GENERAL_OPTIONS,
  GENERAL_OPTIONS_TOKEN,
  outputFormat,
  type GeneralOptions,
} from './command-line/general-options';
import { suggestion, usageError } from './command-line/usage.errors';

const EXAMPLES = `
Examples:
  fatbuildrctl build -a hello -d bookworm     build an artifact and follow the build
  fatbuildrctl registry list -d bookworm      what a distribution holds
  fatbuildrctl -o json history                results for programs
  fatbuildrctl build --help                   help of a command
`;

/** Prepares commander's own root command: its help, and what every command has in common. */
@Injectable()
export class RootCommand {
  constructor(
    @InjectCommander() readonly root: Command,
    @Inject(GENERAL_OPTIONS_TOKEN) private readonly general: GeneralOptions,
  ) {
    root
      .name('fatbuildrctl')
      .usage('[general options] <command> [options]')
      .description('Builds, signs and publishes deb and RPM packages and OS images.')
      .helpOption(false)
      .addHelpCommand(false)
      .exitOverride()
      .enablePositionalOptions()
      .hook('preAction', (_, command) => this.beforeAction(command));
    // For the help only: they are read before commander sees the arguments.
    for (const { flags, value, description } of GENERAL_OPTIONS) {
      const spelling = flags.join(', ') + (value === undefined ? '' : ` <${value}>`);
      root.addOption(new Option(spelling, description));
    }
  }

  /** Help of the program, with examples. */
  help(): string {
    return `${this.root.helpInformation()}${EXAMPLES}`;
  }

  private beforeAction(command: Command): void {
    refuseExcessArguments(command);
    // Behind the command, or between a group and its command.
    for (let one = command; one !== this.root && one.parent; one = one.parent) {
      this.apply(one.opts<LateOptions>());
    }
  }

  private apply(options: LateOptions): void {
    if (options.output !== undefined) this.general.output = outputFormat(options.output);
    if (options.color === false) this.general.color = false;
    if (options.debug || options.fulldebug) this.general.debug = true;
    if (options.fulldebug) this.general.fulldebug = true;
  }
}

/** The general options that may also stand behind the command. */
interface LateOptions {
  output?: string;
  color?: boolean;
  debug?: boolean;
  fulldebug?: boolean;
}

/** What is too much behind a group's default command is most likely another command, misspelt. */
function refuseExcessArguments(command: Command): void {
  const expected = command.registeredArguments.length;
  const [excess] = command.args.slice(expected);
  if (excess === undefined || command.registeredArguments.at(-1)?.variadic) return;
  const siblings = command.parent?.parent ? command.parent.commands.map((one) => one.name()) : [];
  if (expected === 0 && siblings.length > 0) {
    const message = `unknown command "${command.parent?.name()} ${excess}", there are: ${siblings.join(', ')}${suggestion(excess, siblings)}`;
    throw usageError(message, { excess, siblings });
  }
  throw usageError(`unexpected argument "${excess}"`, { excess });
}
