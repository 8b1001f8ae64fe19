import { Get, HttpStatus, Post, Req } from '@nestjs/common';
import { KeptBuilds } from '@fatbuildr/builds';
import { FatbuildrError } from '@fatbuildr/errors';
import type { Instance } from '@fatbuildr/instances';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../auth/caller';
import { CurrentCaller, CurrentInstance } from '../../auth/current.decorators';
import { Requires } from '../../auth/requires.decorator';
import { UploadReceiver } from '../../uploads/upload-receiver';
import { Page, type SeeOther } from '../frame/page';
import { PageController } from '../frame/page.interceptor';
import { PageTasks } from '../page-tasks';
import { buildOfPage, submitForm } from '../views/submit-form';
import { submitView, type SubmitValues } from '../views/submit.view';

/** Submission of builds from the browser. */
@PageController('submit')
@Requires('build')
export class SubmitController {
  constructor(
    private readonly uploads: UploadReceiver,
    private readonly tasks: PageTasks,
    private readonly kept: KeptBuilds,
  ) {}

  @Get()
  form(@CurrentInstance() instance: Instance): Page {
    return page(instance);
  }

  @Post()
  async submit(
    @CurrentInstance() instance: Instance,
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
  ): Promise<Page | SeeOther> {
    let values: SubmitValues = {};
    const rules = submitForm(instance, (fields) => (values = fields));
    try {
      return await this.uploads.receive(request, rules, (form) =>
        this.tasks.submit(instance, caller, buildOfPage(instance, form, this.kept)),
      );
    } catch (fault) {
      // Who is refused wants to change one thing, and not to write the rest again.
      if (fault instanceof FatbuildrError) return page(instance, values, fault);
      throw fault;
    }
  }
}

function page(instance: Instance, values?: SubmitValues, fault?: FatbuildrError): Page {
  const view = submitView(instance, values, fault?.message);
  const status = fault && HttpStatus.BAD_REQUEST;
  return new Page('submit', 'submit', 'Submit a build', view, status);
}
