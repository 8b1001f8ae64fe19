import { Get } from '@nestjs/common';
import type { Instance } from '@fatbuildr/instances';
import { CurrentInstance } from '../../auth/current.decorators';
import { Requires } from '../../auth/requires.decorator';
import { Page } from '../frame/page';
import { PageController } from '../frame/page.interceptor';
import { submitView } from '../views/submit.view';

/** Submission of builds from the browser. */
@PageController('submit')
@Requires('build')
export class SubmitController {
  @Get()
  form(@CurrentInstance() instance: Instance): Page {
    return new Page('submit', 'submit', 'Submit a build', submitView(instance));
  }
}
