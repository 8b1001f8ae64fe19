import { BullModule } from '@nestjs/bullmq';
import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { ConfigModule, type Configuration } from '@fatbuildr/config';
import { ContainersModule } from '@fatbuildr/containers';
import { DatabaseModule } from '@fatbuildr/database';
import { FORMAT_MODULES } from '@fatbuildr/formats';
import { ImagesModule } from '@fatbuildr/images';
import { InstancesModule, type Instance } from '@fatbuildr/instances';
import { KeyringModule } from '@fatbuildr/keyring';
import {
  RegistriesModule,
  REGISTRIES_ENTITIES,
  REGISTRIES_MIGRATIONS,
} from '@fatbuildr/registries';
import { queueOptions, TASKS_ENTITIES, TASKS_MIGRATIONS, TasksModule } from '@fatbuildr/tasks';
import { BuildsModule } from '@fatbuildr/builds';
import { API_CONTROLLERS, API_PROVIDERS } from './api/api.parts';
import { AccessGuard } from './auth/access.guard';
import { InstancesController } from './compat/instances.controller';
import { MonoInstance } from './instances/mono-instance';

/** What is known before the container is built. */
export interface WebParts {
  configuration: Configuration;
  /** Those that are served. */
  instances: readonly Instance[];
}

/** The web server: the same services as the daemon's, bound to HTTP; tasks are run by the daemon alone. */
@Module({})
export class FatbuildrwebModule {
  static forParts({ configuration, instances }: WebParts): DynamicModule {
    return {
      module: FatbuildrwebModule,
      imports: [
        ConfigModule.forRoot(configuration),
        DatabaseModule.forRoot({
          entities: [...TASKS_ENTITIES, ...REGISTRIES_ENTITIES],
          migrations: [...TASKS_MIGRATIONS, ...REGISTRIES_MIGRATIONS],
        }),
        BullModule.forRoot(queueOptions(configuration)),
        DiscoveryModule,
        InstancesModule.forRoot(instances),
        TasksModule.forInstances(instances.map(({ id }) => id)),
        KeyringModule,
        ContainersModule,
        ImagesModule,
        RegistriesModule,
        BuildsModule,
        ...FORMAT_MODULES,
      ],
      controllers: [InstancesController, ...API_CONTROLLERS],
      providers: [MonoInstance, { provide: APP_GUARD, useClass: AccessGuard }, ...API_PROVIDERS],
    };
  }
}
