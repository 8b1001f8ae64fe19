import 'reflect-metadata';
import { CommandFactory, CommandRunnerService } from 'nest-commander';
import { helpTexts } from './command-line/command-description';
import { parseCommandLine, type CommandLine } from './command-line/general-options';
import type { HelpTexts } from './command-line/help-texts';
import { FatbuildrctlModule } from './fatbuildrctl.module';
import { EXIT, ExitStatus } from './exit-status';
import { reportFault } from './fault-report';
import { RootCommand } from './root-command';
import { processEnvironment, type ProgramEnvironment } from './program-environment';

export { processEnvironment };

/** The help of every command by its words, made once when the program is bundled. */
export async function programHelp(): Promise<HelpTexts> {
  const { general } = parseCommandLine([]);
  const program = await CommandFactory.createWithoutRunning(
    FatbuildrctlModule.of(general, processEnvironment()),
    { logger: false, abortOnError: false },
  );
  try {
    const command = program.get(RootCommand);
    return { ...helpTexts(command.root), '': command.help() };
  } finally {
    await program.close();
  }
}

/** Runs one command. @returns the exit status of the program */
export async function runProgram(
  { general, command }: CommandLine,
  environment: ProgramEnvironment = processEnvironment(),
): Promise<number> {
  let fault: { thrown: unknown } | undefined;
  try {
    const program = await CommandFactory.createWithoutRunning(
      FatbuildrctlModule.of(general, environment),
      {
        logger: false,
        abortOnError: false,
        // Commander would print in a form of its own; every fault is reported below.
        outputConfiguration: { outputError: () => undefined },
        serviceErrorHandler: (thrown) => void (fault = { thrown }),
      },
    );
    try {
      await program.get(CommandRunnerService).run(['node', 'fatbuildrctl', ...command]);
      if (!fault) return program.get(ExitStatus).value;
    } finally {
      await program.close();
    }
  } catch (thrown) {
    fault ??= { thrown };
  }
  return fault ? reportFault(fault.thrown, general, environment.stderr) : EXIT.success;
}
