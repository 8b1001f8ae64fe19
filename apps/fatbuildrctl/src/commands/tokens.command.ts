import { text } from 'node:stream/consumers';
import { Inject } from '@nestjs/common';
import type { TokenDescription } from '@fatbuildr/protocol';
import { Command, Option, SubCommand } from 'nest-commander';
import { ConnectionService } from '../connection/connection.service';
import { SavedTokens, type SavedToken } from '../connection/saved-tokens';
import { ENVIRONMENT, type ProgramEnvironment } from '../program-environment';
import { Printer } from '../terminal/printer';
import { localTime, table } from '../terminal/table';
import { Terminal, type Colors } from '../terminal/terminal';
import { CommandGroup, CtlCommand } from './ctl-command';

@SubCommand({
  name: 'list',
  description: 'list the tokens you keep for servers (default)',
  options: { isDefault: true },
})
export class TokensListCommand extends CtlCommand {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(SavedTokens) private readonly saved: SavedTokens,
    @Inject(Printer) private readonly printer: Printer,
  ) {
    super();
  }

  override async run(_: string[], { issued }: { issued?: boolean }): Promise<void> {
    if (issued !== true) {
      await this.printer.print(await this.saved.list(), savedTable);
      return;
    }
    const client = await this.connection.client();
    await this.printer.print(await client.tokens(), issuedTable);
  }

  @Option({ flags: '--issued', description: 'those the instance has issued and takes' })
  parseIssued(): boolean {
    return true;
  }
}

@SubCommand({ name: 'generate', description: 'have the instance issue a token, and print it' })
export class TokensGenerateCommand extends CtlCommand {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(Printer) private readonly printer: Printer,
  ) {
    super();
  }

  override async run(): Promise<void> {
    const client = await this.connection.client();
    await this.printer.print(await client.tokenGenerate(), (token) => token);
  }
}

@SubCommand({ name: 'save', description: 'keep the token on standard input for a server' })
export class TokensSaveCommand extends CtlCommand {
  constructor(
    @Inject(SavedTokens) private readonly saved: SavedTokens,
    @Inject(Terminal) private readonly terminal: Terminal,
    @Inject(ENVIRONMENT) private readonly environment: ProgramEnvironment,
  ) {
    super();
  }

  override async run(_: string[], { uri }: { uri: string }): Promise<void> {
    const { stdin } = this.environment;
    if (stdin.isTTY === true) this.terminal.say('Paste the token, then press Ctrl-D:');
    const file = await this.saved.save(uri, await text(stdin));
    this.terminal.say(`The token for ${uri} is kept in ${file}.`);
  }

  @Option({
    flags: '--uri <uri>',
    description: 'server and instance it is for, as in http://host:5000/instance',
    required: true,
  })
  parseUri(value: string): string {
    return value;
  }
}

@SubCommand({
  name: 'revoke',
  arguments: '<id>',
  argsDescription: { id: 'of a token, from tokens list --issued' },
  description: 'make a token that was issued to you worthless',
})
export class TokensRevokeCommand extends CtlCommand {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(Terminal) private readonly terminal: Terminal,
  ) {
    super();
  }

  override async run([id = '']: string[]): Promise<void> {
    await (await this.connection.client()).tokenRevoke(id);
    this.terminal.say(`Token ${id} is revoked.`);
  }
}

@Command({
  name: 'tokens',
  description: 'manage the tokens by which servers know you',
  subCommands: [TokensListCommand, TokensGenerateCommand, TokensSaveCommand, TokensRevokeCommand],
})
export class TokensCommand extends CommandGroup {}

function savedTable(tokens: readonly SavedToken[], colors: Colors): string {
  if (tokens.length === 0) return 'You keep no token for any server.';
  const rows = tokens.map(({ name, user, expires }) => [name, user, time(expires)]);
  return table(['SERVER', 'USER', 'EXPIRES'], rows, colors);
}

function issuedTable(tokens: readonly TokenDescription[], colors: Colors): string {
  if (tokens.length === 0) return 'No token of yours is valid.';
  const rows = tokens.map(({ id, user, description, scopes, expires, used = 0 }) => [
    ...[id, user, scopes.join(', ') || 'everything', time(expires), time(used), description],
  ]);
  return table(['ID', 'USER', 'LIMITED TO', 'EXPIRES', 'USED', 'FOR'], rows, colors);
}

const time = (seconds: number): string => (seconds === 0 ? '' : localTime(seconds));
