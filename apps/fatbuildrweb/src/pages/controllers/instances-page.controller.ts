import { Get } from '@nestjs/common';
import { InstancesService } from '@fatbuildr/instances';
import { Requires } from '../../auth/requires.decorator';
import { MonoInstance } from '../../instances/mono-instance';
import { Frame } from '../frame/frame';
import { Page, SeeOther } from '../frame/page';
import { PageController } from '../frame/page.interceptor';

/** The start page: the instances, or the registries of the only one. */
@PageController()
export class InstancesPageController {
  constructor(
    private readonly instances: InstancesService,
    private readonly mono: MonoInstance,
    private readonly frame: Frame,
  ) {}

  @Get()
  @Requires('none')
  start(): Page | SeeOther {
    const { instance } = this.mono;
    if (instance !== undefined) return new SeeOther(this.frame.links(instance).registry());
    const instances = this.instances.list().map((one) => {
      const links = this.frame.links(one);
      return { id: one.id, name: one.name, userid: one.userid, href: links.registry() };
    });
    return new Page('instances', 'none', 'Instances', { instances });
  }
}
