import { Global, Module } from '@nestjs/common';
import { ApiLinks } from '../../api/links';
import { InstancesPageController } from '../controllers/instances-page.controller';
import { StaticController } from '../controllers/static.controller';
import { Frame } from './frame';
import { PageFaults } from './page-faults';
import { PageInterceptor } from './page.interceptor';
import { PageRenderer } from './page-renderer';
import { StaticFiles } from './static-files';

/** What all pages share, and the few addresses that belong to no instance. */
@Global()
@Module({
  controllers: [InstancesPageController, StaticController],
  providers: [ApiLinks, Frame, PageFaults, PageInterceptor, PageRenderer, StaticFiles],
  exports: [ApiLinks, Frame, PageFaults, PageInterceptor],
})
export class FrameModule {}
