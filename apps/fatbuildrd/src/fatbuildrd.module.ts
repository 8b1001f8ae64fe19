import { BullModule } from '@nestjs/bullmq';
import { Module, type DynamicModule } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ACCESS_ENTITIES, ACCESS_MIGRATIONS, AccessModule } from '@fatbuildr/access';
import { BuildsModule, KeptBuildsModule } from '@fatbuildr/builds';
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
import { TASKS_ENTITIES, TASKS_MIGRATIONS, TasksModule } from '@fatbuildr/tasks';
import type { QueueOptions } from 'bullmq';
import { BusService } from './dbus/bus.service';
import { Calls } from './dbus/calls';
import { DbusDispatcher } from './dbus/dbus.dispatcher';
import { DBUS_OBJECTS } from './dbus/objects';
import { Senders } from './dbus/senders';
import {
  ArtifactBuildProcessor,
  FailedBuildShellProcessor,
} from './processors/artifact-build.processor';
import { HistoryPurgeProcessor } from './processors/history.processors';
import {
  EnvironmentCreationProcessor,
  EnvironmentShellProcessor,
  EnvironmentUpdateProcessor,
  ImageCreationProcessor,
  ImageShellProcessor,
  ImageUpdateProcessor,
} from './processors/images.processors';
import { IndexRenewal } from './index-renewal';
import { KeptBuildsSweep } from './kept-builds-sweep';
import { Departure } from './life/departure';
import { IdleExit } from './life/idle-exit';
import { ServiceManager } from './life/service-manager';
import { VitalSigns } from './life/vital-signs';
import { Watchdog } from './life/watchdog';
import { InstanceWorkers, QUEUE_SERVER } from './processors/instance-workers';
import { KeyringCreationProcessor, KeyringRenewalProcessor } from './processors/keyring.processors';
import {
  ArtifactDeletionProcessor,
  RegistryReindexingProcessor,
} from './processors/registries.processors';

/** What is known before the container is built. */
export interface DaemonParts {
  configuration: Configuration;
  instances: readonly Instance[];
  queues: QueueOptions;
}

const PROCESSORS = [
  ArtifactBuildProcessor,
  FailedBuildShellProcessor,
  ArtifactDeletionProcessor,
  RegistryReindexingProcessor,
  ImageCreationProcessor,
  ImageUpdateProcessor,
  ImageShellProcessor,
  EnvironmentCreationProcessor,
  EnvironmentUpdateProcessor,
  EnvironmentShellProcessor,
  KeyringCreationProcessor,
  KeyringRenewalProcessor,
  HistoryPurgeProcessor,
];

/** The daemon: every capability, bound to D-Bus and to the queues. */
@Module({})
export class FatbuildrdModule {
  static forParts({ configuration, instances, queues }: DaemonParts): DynamicModule {
    return {
      module: FatbuildrdModule,
      imports: [
        ConfigModule.forRoot(configuration),
        DatabaseModule.forRoot({
          entities: [...TASKS_ENTITIES, ...REGISTRIES_ENTITIES, ...ACCESS_ENTITIES],
          migrations: [...TASKS_MIGRATIONS, ...REGISTRIES_MIGRATIONS, ...ACCESS_MIGRATIONS],
        }),
        // Who submits while Redis is away is told so at once; workers wait for it.
        BullModule.forRoot({
          ...queues,
          connection: { ...queues.connection, enableOfflineQueue: false },
        }),
        DiscoveryModule,
        InstancesModule.forRoot(instances),
        TasksModule.forInstances(instances.map(({ id }) => id)),
        AccessModule,
        KeyringModule,
        ContainersModule,
        ImagesModule,
        RegistriesModule,
        BuildsModule,
        KeptBuildsModule,
        ...FORMAT_MODULES,
      ],
      providers: [
        { provide: QUEUE_SERVER, useValue: queues },
        BusService,
        Calls,
        DbusDispatcher,
        Senders,
        ...DBUS_OBJECTS,
        IndexRenewal,
        KeptBuildsSweep,
        InstanceWorkers,
        Departure,
        IdleExit,
        ServiceManager,
        VitalSigns,
        Watchdog,
        ...PROCESSORS,
      ],
    };
  }
}
