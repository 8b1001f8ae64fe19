import { Inject } from '@nestjs/common';
import { Command, InjectCommander } from 'nest-commander';
import { Command as Commander } from 'commander';
import { describeCommand, describeGeneralOptions } from '../command-line/command-description';
import { COMPLETIONS, SHELLS } from '../command-line/completion-scripts';
import { unknownChoice } from '../command-line/usage.errors';
import { Terminal } from '../terminal/terminal';
import { CtlCommand } from './ctl-command';

@Command({
  name: 'completion',
  arguments: '<shell>',
  argsDescription: { shell: SHELLS.join(', ') },
  description: 'print completions for your shell, to be evaluated by it',
})
export class CompletionCommand extends CtlCommand {
  constructor(
    @InjectCommander() private readonly root: Commander,
    @Inject(Terminal) private readonly terminal: Terminal,
  ) {
    super();
  }

  override run([name = '']: string[]): Promise<void> {
    const shell = SHELLS.find((known) => known === name);
    if (shell === undefined) return Promise.reject(unknownChoice('shell', name, SHELLS));
    const { commands } = describeCommand(this.root);
    const script = COMPLETIONS[shell]({ options: describeGeneralOptions(), commands });
    this.terminal.results.write(script);
    return Promise.resolve();
  }
}
