import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { InstancesService, type Instance } from '@fatbuildr/instances';
import { ALL_INSTANCES } from './served-instances';

/** The one instance of a server in mono-instance mode, whose paths do not name it. */
@Injectable()
export class MonoInstance {
  /** `undefined` when the server serves every instance. */
  readonly instance: Instance | undefined;

  constructor(@Inject(CONFIGURATION) { web }: Configuration, instances: InstancesService) {
    this.instance = web.instance === ALL_INSTANCES ? undefined : instances.get(web.instance);
  }
}
