import { Global, Module } from '@nestjs/common';
import { ContainersModule } from '@fatbuildr/containers';
import { KeptBuilds } from './kept-builds';

/** What is kept of failed builds; apart from the builds themselves, which need no tasks. */
@Global()
@Module({
  imports: [ContainersModule],
  providers: [KeptBuilds],
  exports: [KeptBuilds],
})
export class KeptBuildsModule {}
