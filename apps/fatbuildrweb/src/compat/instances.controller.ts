import { Controller, Get, Header } from '@nestjs/common';
import { version } from '@fatbuildr/config';
import { InstancesService } from '@fatbuildr/instances';
import type { InstanceDescription } from '@fatbuildr/protocol';
import { Requires } from '../auth/requires.decorator';

/** What the server says of itself, in every mode. */
@Controller()
@Requires('none')
export class InstancesController {
  constructor(private readonly instances: InstancesService) {}

  @Get('version')
  @Header('content-type', 'text/plain; charset=utf-8')
  version(): string {
    return `Fatbuildr v${version}`;
  }

  @Get('instances.json')
  list(): InstanceDescription[] {
    return this.instances.list().map(({ id, name, userid }) => ({ id, name, userid }));
  }
}
