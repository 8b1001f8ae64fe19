import { Inject, Injectable } from '@nestjs/common';
import type { Instance } from './instance';
import { unknownInstance } from './instances.errors';

/** Token of the instances the process was started with. */
export const INSTANCES = Symbol('INSTANCES');

/** The instances of this installation, as they were at start. */
@Injectable()
export class InstancesService {
  private readonly byId: ReadonlyMap<string, Instance>;

  constructor(@Inject(INSTANCES) instances: readonly Instance[]) {
    this.byId = new Map(instances.map((instance) => [instance.id, instance]));
  }

  /** In the order of their ids. */
  list(): readonly Instance[] {
    return [...this.byId.values()];
  }

  /** @throws FatbuildrError `INSTANCES.UNKNOWN` */
  get(id: string): Instance {
    const instance = this.byId.get(id);
    if (!instance) throw unknownInstance(id, [...this.byId.keys()]);
    return instance;
  }
}
