import { Module } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { PolicyService } from './policy.service';

/** The policy file, for the program that answers over HTTP. */
@Module({
  providers: [
    {
      provide: PolicyService,
      inject: [CONFIGURATION],
      useFactory: (configuration: Configuration) => PolicyService.load(configuration),
    },
  ],
  exports: [PolicyService],
})
export class PolicyModule {}
