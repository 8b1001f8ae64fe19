import { Module, type DynamicModule } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import type { DatabaseContents } from './data-source';
import { Database } from './database.service';

export type { DatabaseContents } from './data-source';

/**
 * The database for every module of the app; the app lists what its libs put into it:
 * `DatabaseModule.forRoot({ entities: [...TASKS_ENTITIES], migrations: [...TASKS_MIGRATIONS] })`.
 */
@Module({})
export class DatabaseModule {
  static forRoot(contents: DatabaseContents): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        {
          provide: Database,
          inject: [CONFIGURATION],
          useFactory: (configuration: Configuration) => Database.open(configuration, contents),
        },
      ],
      exports: [Database],
    };
  }
}
