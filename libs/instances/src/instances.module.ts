import { type DynamicModule, Module } from '@nestjs/common';
import type { Instance } from './instance';
import { INSTANCES, InstancesService } from './instances.service';

/** Hands the instances, loaded before the container starts, to every module. */
@Module({})
export class InstancesModule {
  /** @param instances what `loadInstances` read */
  static forRoot(instances: readonly Instance[]): DynamicModule {
    return {
      module: InstancesModule,
      global: true,
      providers: [{ provide: INSTANCES, useValue: instances }, InstancesService],
      exports: [InstancesService],
    };
  }
}
