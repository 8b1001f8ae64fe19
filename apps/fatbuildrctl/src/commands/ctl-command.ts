import { CommandRunner } from 'nest-commander';
import type { Command } from 'commander';
import { usageError } from '../command-line/usage.errors';

/** Base of every command: faults of use are thrown, never an exit of the process. */
export abstract class CtlCommand extends CommandRunner {
  override setCommand(command: Command): this {
    command
      .exitOverride()
      // Or a group would take the options of its commands for its own.
      .enablePositionalOptions()
      .helpOption('-h, --help', 'show this help')
      .addHelpCommand(false)
      // People write these after the command as well.
      .addOption(command.createOption('-o, --output <format>').hideHelp())
      .addOption(command.createOption('--no-color').hideHelp())
      .addOption(command.createOption('--debug').hideHelp())
      .addOption(command.createOption('--fulldebug').hideHelp());
    return super.setCommand(command);
  }
}

/** A command that only holds others and has no default one. */
export abstract class CommandGroup extends CtlCommand {
  override run(): Promise<void> {
    const names = this.command.commands.map((command) => command.name());
    const message = `"${this.command.name()}" needs one of its commands: ${names.join(', ')}`;
    return Promise.reject(usageError(message, { names }));
  }
}
