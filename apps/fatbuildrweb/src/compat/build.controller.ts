import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { KeptBuilds } from '@fatbuildr/builds';
import type { Instance } from '@fatbuildr/instances';
import { TasksService } from '@fatbuildr/tasks';
import type { FastifyRequest } from 'fastify';
import { userOf, type Caller } from '../auth/caller';
import { CurrentCaller, CurrentInstance } from '../auth/current.decorators';
import { Requires } from '../auth/requires.decorator';
import { buildForm, submittedBuild } from '../uploads/build-form';
import { UploadReceiver } from '../uploads/upload-receiver';

/** Submission of builds. */
@Controller()
export class BuildController {
  constructor(
    private readonly uploads: UploadReceiver,
    private readonly tasks: TasksService,
    private readonly kept: KeptBuilds,
  ) {}

  /** The changelog's author is who the form says, the task's user is the caller. */
  @Post('build')
  @HttpCode(200)
  @Requires('build')
  build(
    @CurrentInstance() instance: Instance,
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
  ): Promise<{ task: string }> {
    return this.uploads.receive(request, buildForm(instance), async (form) => {
      const parameters = submittedBuild(instance, form, this.kept);
      return { task: await this.tasks.submit(instance.id, userOf(caller), parameters) };
    });
  }
}
