import { Module, type DynamicModule } from '@nestjs/common';
import { GENERAL_OPTIONS_TOKEN, type GeneralOptions } from './command-line/general-options';
import { BuildCommand } from './commands/build.command';
import { CancelCommand } from './commands/cancel.command';
import { CheckCommand } from './commands/check.command';
import { ChecksumCommand } from './commands/checksum.command';
import { CompletionCommand } from './commands/completion.command';
import {
  HistoryCommand,
  HistoryListCommand,
  HistoryPurgeCommand,
} from './commands/history.command';
import {
  ImagesCommand,
  ImagesCreateCommand,
  ImagesEnvironmentCreateCommand,
  ImagesEnvironmentShellCommand,
  ImagesEnvironmentUpdateCommand,
  ImagesShellCommand,
  ImagesUpdateCommand,
} from './commands/images.command';
import {
  KeyringCommand,
  KeyringCreateCommand,
  KeyringExportCommand,
  KeyringRenewCommand,
  KeyringShowCommand,
} from './commands/keyring.command';
import { ListCommand } from './commands/list.command';
import { NewCommand } from './commands/new.command';
import { PatchesCommand } from './commands/patches.command';
import {
  RegistryChangelogCommand,
  RegistryContentCommand,
} from './commands/registry-artifact.command';
import { RegistryDeleteCommand } from './commands/registry-delete.command';
import {
  RegistryCommand,
  RegistryListCommand,
  RegistryReindexCommand,
  RegistrySearchCommand,
} from './commands/registry.command';
import { RetryCommand } from './commands/retry.command';
import { ShellCommand } from './commands/shell.command';
import {
  TokensCommand,
  TokensGenerateCommand,
  TokensListCommand,
  TokensRevokeCommand,
  TokensSaveCommand,
} from './commands/tokens.command';
import { WatchCommand } from './commands/watch.command';
import { ConnectionService } from './connection/connection.service';
import { SavedTokens } from './connection/saved-tokens';
import { ExitStatus } from './exit-status';
import { PatchesService } from './patches/patches.service';
import { ENVIRONMENT, type ProgramEnvironment } from './program-environment';
import { RootCommand } from './root-command';
import { BuildSubmitter } from './submission/build-submitter.service';
import { TaskFollower } from './tasks/task-follower.service';
import { TaskSubmitter } from './tasks/task-submitter.service';
import { Printer } from './terminal/printer';
import { Terminal } from './terminal/terminal';

/** In the order of the help. */
const COMMANDS = [
  BuildCommand,
  NewCommand,
  CheckCommand,
  ChecksumCommand,
  PatchesCommand,
  ListCommand,
  WatchCommand,
  CancelCommand,
  RetryCommand,
  ShellCommand,
  HistoryCommand,
  HistoryListCommand,
  HistoryPurgeCommand,
  RegistryCommand,
  RegistryListCommand,
  RegistrySearchCommand,
  RegistryChangelogCommand,
  RegistryContentCommand,
  RegistryDeleteCommand,
  RegistryReindexCommand,
  ImagesCommand,
  ImagesCreateCommand,
  ImagesUpdateCommand,
  ImagesShellCommand,
  ImagesEnvironmentCreateCommand,
  ImagesEnvironmentUpdateCommand,
  ImagesEnvironmentShellCommand,
  KeyringCommand,
  KeyringShowCommand,
  KeyringExportCommand,
  KeyringCreateCommand,
  KeyringRenewCommand,
  TokensCommand,
  TokensListCommand,
  TokensGenerateCommand,
  TokensSaveCommand,
  TokensRevokeCommand,
  CompletionCommand,
];

@Module({})
export class FatbuildrctlModule {
  static of(general: GeneralOptions, environment: ProgramEnvironment): DynamicModule {
    return {
      module: FatbuildrctlModule,
      providers: [
        { provide: GENERAL_OPTIONS_TOKEN, useValue: general },
        { provide: ENVIRONMENT, useValue: environment },
        RootCommand,
        Terminal,
        Printer,
        ExitStatus,
        ConnectionService,
        TaskFollower,
        TaskSubmitter,
        BuildSubmitter,
        PatchesService,
        SavedTokens,
        ...COMMANDS,
      ],
    };
  }
}
