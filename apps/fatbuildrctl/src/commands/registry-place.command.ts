import { Inject } from '@nestjs/common';
import { Option } from 'nest-commander';
import type { FatbuildrClient, RegistryPlace } from '@fatbuildr/protocol';
import { ConnectionService } from '../connection/connection.service';
import { Printer } from '../terminal/printer';
import { CtlCommand } from './ctl-command';

export interface PlaceOptions {
  distribution: string;
  derivative?: string;
}

/** Base of the commands about one distribution and derivative of a registry. */
export abstract class RegistryPlaceCommand extends CtlCommand {
  constructor(
    @Inject(ConnectionService) protected readonly connection: ConnectionService,
    @Inject(Printer) protected readonly printer: Printer,
  ) {
    super();
  }

  /** The place the options name; the distribution decides the format. */
  protected async place(client: FatbuildrClient, options: PlaceOptions): Promise<RegistryPlace> {
    const { distribution, derivative = 'main' } = options;
    const format = await client.pipelinesDistributionFormat(distribution);
    return { format, distribution, derivative };
  }

  @Option({ flags: '-d, --distribution <name>', description: 'distribution', required: true })
  parseDistribution(value: string): string {
    return value;
  }

  @Option({ flags: '--derivative <name>', description: 'derivative (default: main)' })
  parseDerivative(value: string): string {
    return value;
  }
}
