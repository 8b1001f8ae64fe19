import { BullModule } from '@nestjs/bullmq';
import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, RouterModule } from '@nestjs/core';
import { ACCESS_ENTITIES, ACCESS_MIGRATIONS } from '@fatbuildr/access';
import { ConfigModule, type Configuration } from '@fatbuildr/config';
import { ContainersModule, EngineGuestModule } from '@fatbuildr/containers';
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
import { TASKS_ENTITIES, TASKS_MIGRATIONS, TasksModule } from '@fatbuildr/tasks';
import { BuildsModule, KeptBuildsModule } from '@fatbuildr/builds';
import { API_CONTROLLERS, API_PROVIDERS } from './api/api.parts';
import { AuthModule } from './auth/auth.module';
import { CompatModule } from './compat/compat.module';
import { InstancesController } from './compat/instances.controller';
import { DaemonModule } from './daemon/daemon.module';
import { webQueueOptions } from './daemon/queue-connection';
import { FaultFilter } from './http/fault.filter';
import { FrameModule } from './pages/frame/frame.module';
import { PagesModule } from './pages/pages.module';
import { ALL_INSTANCES } from './instances/served-instances';

import { ListingsModule } from './registry/listings.module';
import { RegistryFilesModule } from './registry/registry-files.module';
import { UploadsModule } from './uploads/uploads.module';

/** What is known before the container is built. */
export interface WebParts {
  configuration: Configuration;
  /** Those that are served. */
  instances: readonly Instance[];
}

/** Modules of routes whose paths start with the id of an instance, where the server has several. */
const PER_INSTANCE = [CompatModule, PagesModule, RegistryFilesModule];

/** The web server: the same services as the daemon's, bound to HTTP; tasks are run by the daemon alone. */
@Module({})
export class FatbuildrwebModule {
  static forParts({ configuration, instances }: WebParts): DynamicModule {
    const prefix = configuration.web.instance === ALL_INSTANCES ? ':instance' : '';
    return {
      module: FatbuildrwebModule,
      imports: [
        ConfigModule.forRoot(configuration),
        DatabaseModule.forRoot({
          entities: [...TASKS_ENTITIES, ...REGISTRIES_ENTITIES, ...ACCESS_ENTITIES],
          migrations: [...TASKS_MIGRATIONS, ...REGISTRIES_MIGRATIONS, ...ACCESS_MIGRATIONS],
        }),
        BullModule.forRoot(webQueueOptions(configuration)),
        InstancesModule.forRoot(instances),
        TasksModule.forInstances(instances.map(({ id }) => id)),
        KeyringModule,
        EngineGuestModule,
        ContainersModule,
        ImagesModule,
        RegistriesModule,
        ListingsModule,
        BuildsModule,
        KeptBuildsModule,
        ...FORMAT_MODULES,
        AuthModule,
        FrameModule,
        DaemonModule,
        UploadsModule,
        ...PER_INSTANCE,
        RouterModule.register(PER_INSTANCE.map((module) => ({ path: prefix, module }))),
      ],
      controllers: [InstancesController, ...API_CONTROLLERS],
      providers: [{ provide: APP_FILTER, useClass: FaultFilter }, ...API_PROVIDERS],
    };
  }
}
