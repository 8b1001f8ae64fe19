import { Post, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import { KeptBuilds } from '@fatbuildr/builds';
import { digestFile } from '@fatbuildr/registries';
import type { FastifyRequest } from 'fastify';
import { buildForm, submittedBuild } from '../../uploads/build-form';
import { UploadReceiver, type ReceivedForm } from '../../uploads/upload-receiver';
import { ApiController } from '../api-controller.decorator';
import {
  CurrentSubmission,
  Submission,
  type SubmissionCall,
} from '../submissions/submission.decorators';
import { Submissions } from '../submissions/submissions';
import type { TaskDto } from '../tasks/task.dto';
import { BuildFormDto } from './build-form.dto';

/** Submission of builds. */
@ApiController('builds')
export class BuildsController {
  constructor(
    private readonly uploads: UploadReceiver,
    private readonly submissions: Submissions,
    private readonly kept: KeptBuilds,
  ) {}

  @Post('builds')
  @Submission(
    'Submit a build',
    'build',
    "The task's user is the caller; the form says who the changelog names.",
  )
  @ApiConsumes('multipart/form-data')
  @ApiBody({ type: BuildFormDto })
  submitBuild(
    @CurrentSubmission() call: SubmissionCall,
    @Req() request: FastifyRequest,
  ): Promise<TaskDto> {
    return this.uploads.receive(request, buildForm(call.instance), async (form) => {
      const parameters = submittedBuild(call.instance, form, this.kept);
      // What is asked for is in the files, too.
      const asked = call.key === undefined ? '' : await contentOf(form);
      return this.submissions.submit({ ...call, request: call.request + asked }, parameters);
    });
  }
}

async function contentOf({ fields, files }: ReceivedForm): Promise<string> {
  const digests: string[][] = [];
  for (const { field, filename, path } of files) {
    digests.push([field, filename, (await digestFile(path)).sha256]);
  }
  return JSON.stringify([Object.entries(fields).sort(), digests.sort()]);
}
