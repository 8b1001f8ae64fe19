import { Body, Get, Inject, Post } from '@nestjs/common';
import { TokensService } from '@fatbuildr/access';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import type { Instance } from '@fatbuildr/instances';
import { CurrentInstance } from '../../auth/current.decorators';
import { Requires } from '../../auth/requires.decorator';
import { formText, type FormBody } from '../form';
import { Frame } from '../frame/frame';
import { Page, SeeOther } from '../frame/page';
import { PageController } from '../frame/page.interceptor';
import { tokenView } from '../views/tokens.view';

/** Who has access, and until when. */
@PageController('tokens')
@Requires('manage-token')
export class TokensPageController {
  constructor(
    private readonly tokens: TokensService,
    private readonly frame: Frame,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  @Get()
  list(@CurrentInstance() instance: Instance): Promise<Page> {
    return this.page(instance);
  }

  /** The answer is the page itself, not the way to it: nobody can show the token again. */
  @Post()
  async issue(@CurrentInstance() instance: Instance, @Body() body: FormBody): Promise<Page> {
    const user = formText(body, 'user').trim();
    const days = Number(formText(body, 'days'));
    const { token } = await this.tokens.issue(instance.id, { user, days });
    return this.page(instance, { user, token });
  }

  @Post('revoke')
  async revoke(@CurrentInstance() instance: Instance, @Body() body: FormBody): Promise<SeeOther> {
    await this.tokens.revoke(instance.id, formText(body, 'id'));
    return new SeeOther(this.frame.links(instance).tokens());
  }

  private async page(instance: Instance, issued?: { user: string; token: string }): Promise<Page> {
    const now = Date.now();
    const tokens = await this.tokens.list(instance.id, { all: true });
    return new Page('tokens', 'tokens', 'Tokens', {
      issued,
      days: this.configuration.tokens.duration,
      tokens: tokens.map((token) => tokenView(token, now)),
    });
  }
}
