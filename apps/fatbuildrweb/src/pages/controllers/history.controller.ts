import { Get, Post, Query } from '@nestjs/common';
import type { Instance } from '@fatbuildr/instances';
import { TasksService } from '@fatbuildr/tasks';
import type { Caller } from '../../auth/caller';
import { CurrentCaller, CurrentInstance } from '../../auth/current.decorators';
import { Requires } from '../../auth/requires.decorator';
import { Frame } from '../frame/frame';
import { Page, type SeeOther } from '../frame/page';
import { PageController } from '../frame/page.interceptor';
import { PageTasks } from '../page-tasks';
import { historyFilter, historyView, type HistoryQuery } from '../views/history.view';

const PAGE_SIZE = 50;

/** Finished tasks. */
@PageController('history')
export class HistoryController {
  constructor(
    private readonly submissions: PageTasks,
    private readonly tasks: TasksService,
    private readonly frame: Frame,
  ) {}

  @Get()
  @Requires('view-task')
  async list(@CurrentInstance() instance: Instance, @Query() query: HistoryQuery): Promise<Page> {
    const filter = historyFilter(query);
    const found = await this.tasks.search(instance.id, { ...filter, limit: PAGE_SIZE + 1 });
    const view = historyView(found, filter, PAGE_SIZE, this.frame.links(instance), Date.now());
    return new Page('history', 'history', 'History', view);
  }

  @Post('purge')
  @Requires('purge-history')
  purge(@CurrentInstance() instance: Instance, @CurrentCaller() caller: Caller): Promise<SeeOther> {
    return this.submissions.submit(instance, caller, { name: 'history purge' });
  }
}
