import { Get } from '@nestjs/common';
import type { Instance } from '@fatbuildr/instances';
import { TasksService } from '@fatbuildr/tasks';
import { CurrentInstance } from '../../auth/current.decorators';
import { Requires } from '../../auth/requires.decorator';
import { Frame } from '../frame/frame';
import { Page } from '../frame/page';
import { PageController } from '../frame/page.interceptor';
import { dashboardView } from '../views/dashboard.view';

/** Finished tasks whose times are drawn. */
const CHARTED = 60;

/** What an instance is doing. */
@PageController()
export class DashboardController {
  constructor(
    private readonly tasks: TasksService,
    private readonly frame: Frame,
  ) {}

  @Get('dashboard')
  @Requires('view-task')
  async dashboard(@CurrentInstance() instance: Instance): Promise<Page> {
    const [running, waiting, finished] = await Promise.all([
      this.tasks.running(instance.id),
      this.tasks.queue(instance.id),
      this.tasks.history(instance.id, CHARTED),
    ]);
    const view = dashboardView(
      { running, waiting, finished },
      this.frame.links(instance),
      Date.now(),
    );
    return new Page('dashboard', 'dashboard', 'Dashboard', view);
  }
}
