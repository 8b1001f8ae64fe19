import { Get } from '@nestjs/common';
import type { Instance } from '@fatbuildr/instances';
import { TaskHistory } from '@fatbuildr/tasks';
import { CurrentInstance } from '../../auth/current.decorators';
import { Requires } from '../../auth/requires.decorator';
import { Frame } from '../frame/frame';
import { Page } from '../frame/page';
import { PageController } from '../frame/page.interceptor';
import { dashboardView } from '../views/dashboard.view';

/** Finished tasks whose times are drawn. */
const CHARTED = 60;
/** More are not waited for by anybody who looks. */
const ACTIVE = 200;

/** What an instance is doing. */
@PageController()
export class DashboardController {
  constructor(
    private readonly history: TaskHistory,
    private readonly frame: Frame,
  ) {}

  @Get('dashboard')
  @Requires('view-task')
  async dashboard(@CurrentInstance() instance: Instance): Promise<Page> {
    const [running, waiting, finished] = await Promise.all([
      this.history.find(instance.id, { state: 'running' }, ACTIVE),
      this.history.find(instance.id, { state: 'pending' }, ACTIVE),
      this.history.find(instance.id, { state: 'finished' }, CHARTED),
    ]);
    const tasks = { running: running.reverse(), waiting: waiting.reverse(), finished };
    const view = dashboardView(tasks, this.frame.links(instance), Date.now());
    return new Page('dashboard', 'dashboard', 'Dashboard', view);
  }
}
