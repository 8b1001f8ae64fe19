import { Controller, Get, Header, Query } from '@nestjs/common';
import type { Instance } from '@fatbuildr/instances';
import { KeyringService } from '@fatbuildr/keyring';
import type { InstanceDescription } from '@fatbuildr/protocol';
import { CurrentInstance } from '../auth/current.decorators';
import { Requires } from '../auth/requires.decorator';
import { matchingPipelines, type PipelineFilter, type PipelinesByFormat } from './pipelines';

/** An instance: its name, its public key, its pipelines. */
@Controller()
export class InstanceController {
  constructor(private readonly keyring: KeyringService) {}

  @Get('instance.json')
  @Requires('view-pipeline')
  instance(@CurrentInstance() { id, name, userid }: Instance): InstanceDescription {
    return { id, name, userid };
  }

  @Get('keyring.asc')
  @Requires('view-keyring')
  @Header('content-type', 'text/plain; charset=utf-8')
  key(@CurrentInstance() instance: Instance): Promise<string> {
    return this.keyring.export(instance);
  }

  @Get('pipelines/architectures.json')
  @Requires('view-pipeline')
  architectures(@CurrentInstance() instance: Instance): readonly string[] {
    return instance.architectures;
  }

  @Get('pipelines/formats.json')
  @Requires('view-pipeline')
  formats(
    @CurrentInstance() instance: Instance,
    @Query() filter: PipelineFilter,
  ): PipelinesByFormat {
    return matchingPipelines(instance, filter);
  }
}
