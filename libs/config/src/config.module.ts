import { type DynamicModule, Module } from '@nestjs/common';
import type { Configuration } from './configuration';

/** Token of the {@link Configuration}, provided everywhere. */
export const CONFIGURATION = Symbol('CONFIGURATION');

/** Hands the configuration, loaded before the container starts, to every module. */
@Module({})
export class ConfigModule {
  static forRoot(configuration: Readonly<Configuration>): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: CONFIGURATION, useValue: configuration }],
      exports: [CONFIGURATION],
    };
  }
}
