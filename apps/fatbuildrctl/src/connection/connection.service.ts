import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { FatbuildrClient } from '@fatbuildr/protocol';
import { GENERAL_OPTIONS_TOKEN, type GeneralOptions } from '../command-line/general-options';
import { ENVIRONMENT, type ProgramEnvironment } from '../program-environment';
import { loadPreferences, type Preferences } from './preferences';
import { chooseTarget } from './target';

/** The user's preferences and the connection to the instance, both made on first use. */
@Injectable()
export class ConnectionService implements OnModuleDestroy {
  private loaded: Promise<Preferences> | undefined;
  private connected: Promise<FatbuildrClient> | undefined;

  constructor(
    @Inject(GENERAL_OPTIONS_TOKEN) private readonly options: GeneralOptions,
    @Inject(ENVIRONMENT) private readonly environment: ProgramEnvironment,
  ) {}

  preferences(): Promise<Preferences> {
    this.loaded ??= loadPreferences(this.options.preferences, this.environment.env);
    return this.loaded;
  }

  client(): Promise<FatbuildrClient> {
    this.connected ??= this.connect();
    return this.connected;
  }

  async onModuleDestroy(): Promise<void> {
    const client = await this.connected?.catch(() => undefined);
    await client?.close();
  }

  private async connect(): Promise<FatbuildrClient> {
    const { env, cwd } = this.environment;
    const preferences = await this.preferences();
    const target = chooseTarget(this.options, env, preferences, cwd);
    return this.environment.connect(target, preferences.tokens);
  }
}
