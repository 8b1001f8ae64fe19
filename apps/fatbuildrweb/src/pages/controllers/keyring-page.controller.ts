import { Body, Get, Post } from '@nestjs/common';
import { parseDuration } from '@fatbuildr/config';
import { FatbuildrError } from '@fatbuildr/errors';
import type { Instance } from '@fatbuildr/instances';
import { KeyringService } from '@fatbuildr/keyring';
import type { Caller } from '../../auth/caller';
import { CurrentCaller, CurrentInstance } from '../../auth/current.decorators';
import { Requires } from '../../auth/requires.decorator';
import { formText, type FormBody } from '../form';
import { Page, type SeeOther } from '../frame/page';
import { PageController } from '../frame/page.interceptor';
import { PageTasks } from '../page-tasks';

/** The key that signs. Only the daemon holds its secret part: changes are its tasks. */
@PageController('keyring')
@Requires('edit-keyring')
export class KeyringPageController {
  constructor(
    private readonly keyring: KeyringService,
    private readonly tasks: PageTasks,
  ) {}

  @Get()
  @Requires('view-keyring')
  async show(@CurrentInstance() instance: Instance): Promise<Page> {
    const key = await this.keyring.describe(instance).catch((fault: unknown) => {
      if (fault instanceof FatbuildrError && fault.code === 'KEYRING.MISSING') return undefined;
      throw fault;
    });
    return new Page('keyring', 'keyring', 'Keyring', { key });
  }

  @Post('create')
  create(
    @CurrentInstance() instance: Instance,
    @CurrentCaller() caller: Caller,
  ): Promise<SeeOther> {
    return this.tasks.submit(instance, caller, { name: 'keyring creation' });
  }

  @Post('renew')
  renew(
    @CurrentInstance() instance: Instance,
    @CurrentCaller() caller: Caller,
    @Body() body: FormBody,
  ): Promise<SeeOther> {
    const duration = formText(body, 'duration');
    parseDuration(duration);
    return this.tasks.submit(instance, caller, { name: 'keyring renewal', duration });
  }
}
