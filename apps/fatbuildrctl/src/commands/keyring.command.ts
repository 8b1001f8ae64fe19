import { Inject } from '@nestjs/common';
import { Command, Option, SubCommand } from 'nest-commander';
import type { KeyringDescription } from '@fatbuildr/protocol';
import { ConnectionService } from '../connection/connection.service';
import { TaskSubmitter } from '../tasks/task-submitter.service';
import { Printer } from '../terminal/printer';
import { card } from '../terminal/table';
import type { Colors } from '../terminal/terminal';
import { CommandGroup, CtlCommand } from './ctl-command';

@SubCommand({
  name: 'show',
  description: 'show the signing key of the instance (default)',
  options: { isDefault: true },
})
export class KeyringShowCommand extends CtlCommand {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(Printer) private readonly printer: Printer,
  ) {
    super();
  }

  override async run(): Promise<void> {
    const client = await this.connection.client();
    await this.printer.print(await client.keyring(), keyringCard);
  }
}

@SubCommand({
  name: 'export',
  description: 'print the public key, for the clients of the registries',
})
export class KeyringExportCommand extends CtlCommand {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(Printer) private readonly printer: Printer,
  ) {
    super();
  }

  override async run(): Promise<void> {
    const client = await this.connection.client();
    await this.printer.print(await client.keyringExport(), (armored) => armored);
  }
}

@SubCommand({ name: 'create', description: 'create the signing key' })
export class KeyringCreateCommand extends CtlCommand {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(TaskSubmitter) private readonly tasks: TaskSubmitter,
  ) {
    super();
  }

  override async run(_: string[], options: { batch?: boolean }): Promise<void> {
    const client = await this.connection.client();
    const request = { title: 'keyring creation', submit: () => client.keyringCreate() };
    await this.tasks.one(request, options.batch === true);
  }

  @Option({ flags: '--batch', description: 'do not follow the task' })
  parseBatch(): boolean {
    return true;
  }
}

@SubCommand({ name: 'renew', description: 'move the expiry of the signing key' })
export class KeyringRenewCommand extends CtlCommand {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(TaskSubmitter) private readonly tasks: TaskSubmitter,
  ) {
    super();
  }

  override async run(_: string[], options: { duration: string; batch?: boolean }): Promise<void> {
    const client = await this.connection.client();
    const { duration } = options;
    const request = {
      title: `keyring renewal for ${duration === '0' ? 'ever' : duration}`,
      submit: () => client.keyringRenew(duration),
    };
    await this.tasks.one(request, options.batch === true);
  }

  @Option({
    flags: '--duration <duration>',
    description: 'from now: 10 (days), 3w, 6m, 2y, 0 for no expiry',
    required: true,
  })
  parseDuration(value: string): string {
    return value;
  }

  @Option({ flags: '--batch', description: 'do not follow the task' })
  parseBatch(): boolean {
    return true;
  }
}

@Command({
  name: 'keyring',
  description: 'show, export and maintain the signing key',
  subCommands: [
    KeyringShowCommand,
    KeyringExportCommand,
    KeyringCreateCommand,
    KeyringRenewCommand,
  ],
})
export class KeyringCommand extends CommandGroup {}

function keyringCard(key: KeyringDescription, colors: Colors): string {
  const { subkey } = key;
  const main = card(
    [
      ['User', key.userid],
      ['ID', key.id],
      ['Fingerprint', key.fingerprint],
      ['Algorithm', key.algo],
      ['Created', key.creation],
      ['Expires', key.expires],
      ['Updated', key.last_update],
    ],
    colors,
  );
  const signing = card(
    [
      ['Fingerprint', subkey.fingerprint],
      ['Algorithm', subkey.algo],
      ['Created', subkey.creation],
      ['Expires', subkey.expires],
    ],
    colors,
  );
  return `${main}\n\n${colors.bold('Signing subkey')}\n${signing.replace(/^/gm, '  ')}`;
}
