import { resolve } from 'node:path';
import { Inject } from '@nestjs/common';
import { Command, Option } from 'nest-commander';
import { ConnectionService } from '../connection/connection.service';
import { ENVIRONMENT, type ProgramEnvironment } from '../program-environment';
import { chooseAuthor, gitConfiguration } from '../submission/author';
import { Printer } from '../terminal/printer';
import { shownPath } from '../terminal/shown-path';
import { CtlCommand } from './ctl-command';

interface NewOptions {
  format?: string[];
  source?: string;
  version?: string;
  dir?: string;
  name?: string;
  email?: string;
}

@Command({
  name: 'new',
  arguments: '<artifact>',
  argsDescription: { artifact: 'name of the artifact, and of its folder' },
  description: 'make an artifact definition to begin with',
})
export class NewCommand extends CtlCommand {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(Printer) private readonly printer: Printer,
    @Inject(ENVIRONMENT) private readonly environment: ProgramEnvironment,
  ) {
    super();
  }

  override async run([artifact = '']: string[], options: NewOptions): Promise<void> {
    const { cwd, env } = this.environment;
    const { format: formats = [], source, version, dir, name, email } = options;
    const preferences = await this.connection.preferences();
    const author = await chooseAuthor({ name, email }, preferences, gitConfiguration(cwd, env));
    const parent = resolve(cwd, dir ?? preferences.basedir ?? '.');
    const { makeDefinition } = await import('../definitions/definition-tools');
    const made = await makeDefinition({ artifact, parent, formats, source, version, author });
    await this.printer.print(made, ({ folder, files }) =>
      [
        `Made ${shownPath(cwd, folder)} with ${files.join(', ')}.`,
        ...(source ? [`Next: fatbuildrctl checksum ${shownPath(cwd, folder)}`] : []),
      ].join('\n'),
    );
  }

  @Option({
    flags: '-f, --format <formats>',
    description: 'formats it is built for, separated by commas (default: the first that is known)',
  })
  parseFormat(value: string, earlier: string[] = []): string[] {
    return [...earlier, ...value.split(',').map((name) => name.trim())];
  }

  @Option({
    flags: '--source <url>',
    description: "URL of upstream's archive (default: none, built of local sources)",
  })
  parseSource(value: string): string {
    return value;
  }

  @Option({
    flags: '--version <version>',
    description: "upstream's version (default: the one in the URL)",
  })
  parseVersion(value: string): string {
    return value;
  }

  @Option({
    flags: '--dir <dir>',
    description: 'folder of artifact definitions (default: preferences, current folder)',
  })
  parseDir(value: string): string {
    return value;
  }

  @Option({
    flags: '-n, --name <name>',
    description: 'your name, as maintainer (default: preferences, Git)',
  })
  parseName(value: string): string {
    return value;
  }

  @Option({
    flags: '-e, --email <email>',
    description: 'your email address, as maintainer (default: preferences, Git)',
  })
  parseEmail(value: string): string {
    return value;
  }
}
