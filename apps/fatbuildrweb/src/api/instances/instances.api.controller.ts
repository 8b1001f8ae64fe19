import { Get } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { InstancesService, type Instance } from '@fatbuildr/instances';
import { CurrentInstance } from '../../auth/current.decorators';
import { API_PATH, ApiController, Operation } from '../api-controller.decorator';
import { ApiLinks } from '../links';
import { InstanceDto } from './instance.dto';

/** Which instances there are. */
@ApiController('instances', API_PATH)
export class InstancesApiController {
  constructor(
    private readonly instances: InstancesService,
    private readonly links: ApiLinks,
  ) {}

  @Get('instances')
  @Operation('List the instances of this server', 'none')
  @ApiOkResponse({ type: [InstanceDto] })
  listInstances(): InstanceDto[] {
    return this.instances.list().map((instance) => this.describe(instance));
  }

  @Get('instances/:instance')
  @Operation('Show an instance', 'view-pipeline')
  @ApiOkResponse({ type: InstanceDto })
  getInstance(@CurrentInstance() instance: Instance): InstanceDto {
    return this.describe(instance);
  }

  private describe(instance: Instance): InstanceDto {
    const { id, name, userid } = instance;
    return { id, name, userid, links: { self: this.links.instance(instance) } };
  }
}
