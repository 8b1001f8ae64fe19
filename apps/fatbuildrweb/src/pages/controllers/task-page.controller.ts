import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Get, Headers, Param, Post, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { TASK_ACTIONS } from '@fatbuildr/access';
import { KeptBuilds } from '@fatbuildr/builds';
import { shellParameters } from '@fatbuildr/images';
import type { Instance } from '@fatbuildr/instances';
import type { TaskDescription } from '@fatbuildr/protocol';
import { TasksService } from '@fatbuildr/tasks';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiLinks } from '../../api/links';
import { typingRight } from '../../api/tasks/typing-right';
import { notAllowed } from '../../auth/auth.errors';
import { userOf, type Caller } from '../../auth/caller';
import { CurrentCaller, CurrentInstance } from '../../auth/current.decorators';
import { Requires } from '../../auth/requires.decorator';
import { PublicFolder } from '../../files/public-folder';
import { sendFile } from '../../files/send-file';
import { Frame, PAGE_HEADERS } from '../frame/frame';
import { Page, SeeOther } from '../frame/page';
import { PageController } from '../frame/page.interceptor';
import { logEvents } from '../log/log-events';
import { lastLineElements, lineElements, streamedPage } from '../log/log-page';
import { plainText } from '../log/log-text';
import { TaskLogs } from '../log/task-logs';
import { PageTasks, TERM } from '../page-tasks';
import { taskPageView, type ResultFile } from '../views/task-page.view';

/** A task: what it does, what came of it, what it prints. */
@PageController()
@Requires('view-task')
export class TaskPageController {
  constructor(
    private readonly tasks: TasksService,
    private readonly submissions: PageTasks,
    private readonly kept: KeptBuilds,
    private readonly logs: TaskLogs,
    private readonly frame: Frame,
    private readonly api: ApiLinks,
  ) {}

  /** @param follow when given the page goes on until the task ends: for browsers without JavaScript */
  @Get('watch/:id.html')
  async page(
    @CurrentInstance() instance: Instance,
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query('follow') follow: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const task = await this.tasks.get(instance.id, id);
    const live = task.state !== 'finished';
    const followed = live && follow !== undefined;
    const view = taskPageView(
      task,
      {
        followed,
        files: live ? [] : await resultFiles(task),
        terminal: this.api.instance(instance, 'tasks', id, 'terminal'),
        mayType: typingRight(caller, task) !== undefined,
        may: (action) => caller.may(action),
      },
      this.frame.links(instance),
      Date.now(),
    );
    const page = new Page('task', 'none', view.task.title, view);
    const html = this.frame.render(page, request);
    const log = followed
      ? lineElements(this.logs.followed(task))
      : lastLineElements(this.logs.written(task));
    void reply.headers(PAGE_HEADERS);
    return streamed(streamedPage(html, log), PAGE_HEADERS['content-type']);
  }

  /** New lines of the log, for the script of the page. */
  @Get('tasks/:id/lines')
  async lines(
    @CurrentInstance() instance: Instance,
    @Param('id') id: string,
    @Query('after') after: string | undefined,
    @Headers('last-event-id') lastId: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const task = await this.tasks.get(instance.id, id);
    const events = logEvents(this.logs.followed(task), lineNumber(lastId ?? after), async () => {
      const { state, result } = await this.tasks.get(instance.id, id);
      return state === 'finished' && result === 'success' ? 'Task succeeded' : 'Task failed';
    });
    void reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no');
    return streamed(events, 'text/event-stream');
  }

  @Get('tasks/:id/log.txt')
  async text(
    @CurrentInstance() instance: Instance,
    @Param('id') id: string,
  ): Promise<StreamableFile> {
    const task = await this.tasks.get(instance.id, id);
    const text = Readable.from(plainText(this.logs.written(task)), { objectMode: false });
    return new StreamableFile(text, {
      type: 'text/plain; charset=utf-8',
      disposition: `attachment; filename="${task.id}.log"`,
    });
  }

  @Get('tasks/:id/files/:name')
  async file(
    @CurrentInstance() instance: Instance,
    @Param('id') id: string,
    @Param('name') name: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { place } = await this.tasks.get(instance.id, id);
    const { handle } = await new PublicFolder(join(place, RESULTS)).open(name);
    // Never a page of ours, whatever a build called it.
    void reply.header('content-disposition', 'attachment');
    const headers = { type: 'application/octet-stream', cache: 'no-store' };
    await sendFile(request, reply, handle, headers);
  }

  @Post('tasks/:id/cancel')
  @Requires('manage-task')
  async cancel(
    @CurrentInstance() instance: Instance,
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
  ): Promise<SeeOther> {
    await this.tasks.cancel(instance.id, id, userOf(caller));
    return new SeeOther(this.frame.links(instance).task(id));
  }

  @Post('tasks/:id/shell')
  @Requires('build')
  async shell(
    @CurrentInstance() instance: Instance,
    @CurrentCaller() caller: Caller,
    @Param('id') build: string,
  ): Promise<SeeOther> {
    await this.kept.require(instance.id, build);
    const shell = shellParameters(TERM, []);
    return this.submissions.submit(instance, caller, {
      name: 'failed build shell',
      build,
      ...shell,
    });
  }

  @Post('tasks/:id/retry')
  async retry(
    @CurrentInstance() instance: Instance,
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
  ): Promise<SeeOther> {
    const { name } = await this.tasks.get(instance.id, id);
    if (!caller.may(TASK_ACTIONS[name])) throw notAllowed(caller, TASK_ACTIONS[name]);
    return this.submissions.retry(instance, caller, id);
  }
}

function streamed(text: AsyncIterable<string>, type: string): StreamableFile {
  return new StreamableFile(Readable.from(text, { objectMode: false }), { type });
}

/** 0 for what is no number: everything is new. */
function lineNumber(text: string | undefined): number {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : 0;
}

/** In the workspace of a task. */
const RESULTS = 'results';

/** What the task left in the folder of its results. */
async function resultFiles({ place }: TaskDescription): Promise<ResultFile[]> {
  const folder = join(place, RESULTS);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return Promise.all(
    files.sort().map(async (name) => ({ name, size: (await stat(join(folder, name))).size })),
  );
}
