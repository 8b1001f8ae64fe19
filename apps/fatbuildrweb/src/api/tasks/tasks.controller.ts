import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { TASK_ACTIONS } from '@fatbuildr/access';
import { KeptBuilds } from '@fatbuildr/builds';
import { shellParameters } from '@fatbuildr/images';
import type { Instance } from '@fatbuildr/instances';
import { TaskRetries, TasksService } from '@fatbuildr/tasks';
import { notAllowed } from '../../auth/auth.errors';
import { userOf, type Caller } from '../../auth/caller';
import { CurrentCaller, CurrentInstance } from '../../auth/current.decorators';
import { ApiController, Operation } from '../api-controller.decorator';
import { ShellDto } from '../images/image.dto';
import { ApiLinks } from '../links';
import {
  CurrentSubmission,
  Submission,
  type SubmissionCall,
} from '../submissions/submission.decorators';
import { Submissions } from '../submissions/submissions';
import { CancellationDto, StepEstimateDto } from './task-actions.dto';
import { taskDto, TaskDto } from './task.dto';
import { taskFilter, TaskListDto, TaskQueryDto } from './task-list.dto';

/** Tasks in every state: those that wait, run, and make up the history. */
@ApiController('tasks')
export class TasksController {
  constructor(
    private readonly tasks: TasksService,
    private readonly retries: TaskRetries,
    private readonly kept: KeptBuilds,
    private readonly submissions: Submissions,
    private readonly links: ApiLinks,
  ) {}

  @Get('tasks')
  @Operation('List tasks, the one submitted last first', 'view-task')
  @ApiOkResponse({ type: TaskListDto })
  async listTasks(
    @CurrentInstance() instance: Instance,
    @Query() query: TaskQueryDto,
  ): Promise<TaskListDto> {
    const found = await this.tasks.search(instance.id, taskFilter(query));
    const items = found.slice(0, query.limit).map((task) => taskDto(this.links, instance, task));
    const last = items.at(-1);
    return found.length > items.length && last ? { items, next: last.sequence } : { items };
  }

  @Get('tasks/:id')
  @Operation('Show a task', 'view-task')
  @ApiOkResponse({ type: TaskDto })
  async getTask(@CurrentInstance() instance: Instance, @Param('id') id: string): Promise<TaskDto> {
    return taskDto(this.links, instance, await this.tasks.get(instance.id, id));
  }

  @Get('tasks/:id/estimate')
  @Operation(
    'Tell how long the steps of a task usually take',
    'view-task',
    'By earlier tasks like it; empty when there were none.',
  )
  @ApiOkResponse({ type: [StepEstimateDto] })
  estimateTask(
    @CurrentInstance() instance: Instance,
    @Param('id') id: string,
  ): Promise<StepEstimateDto[]> {
    return this.tasks.estimate(instance.id, id);
  }

  @Post('tasks/:id/cancel')
  @HttpCode(200)
  @Operation('End a pending or running task before its time', 'manage-task')
  @ApiOkResponse({ type: CancellationDto })
  async cancelTask(
    @CurrentInstance() instance: Instance,
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
  ): Promise<CancellationDto> {
    return { ended: await this.tasks.cancel(instance.id, id, userOf(caller)) };
  }

  @Post('tasks/:id/retry')
  @Submission(
    'Submit a finished task again',
    'view-task',
    'The new task names the old one. Takes also the action it took to submit the old one.',
  )
  async retryTask(
    @CurrentSubmission() call: SubmissionCall,
    @Param('id') id: string,
  ): Promise<TaskDto> {
    const { instance, caller } = call;
    const action = TASK_ACTIONS[(await this.tasks.get(instance.id, id)).name];
    if (!caller.may(action)) throw notAllowed(caller, action);
    return this.submissions.once(call, (as) =>
      this.retries.retry(instance.id, id, userOf(caller), as),
    );
  }

  @Post('tasks/:id/shell')
  @Submission(
    'Open a shell, or run a command, in the container that is kept of a failed build',
    'build',
  )
  async openBuildShell(
    @CurrentSubmission() call: SubmissionCall,
    @Param('id') build: string,
    @Body() { term, command }: ShellDto,
  ): Promise<TaskDto> {
    const shell = shellParameters(term, command);
    await this.kept.require(call.instance.id, build);
    return this.submissions.submit(call, { name: 'failed build shell', build, ...shell });
  }

  @Post('history/purge')
  @Submission(
    'Remove finished tasks',
    'purge-history',
    'Those that the policy `[tasks] purge` of the daemon does not keep.',
  )
  purgeHistory(@CurrentSubmission() call: SubmissionCall): Promise<TaskDto> {
    return this.submissions.submit(call, { name: 'history purge' });
  }
}
