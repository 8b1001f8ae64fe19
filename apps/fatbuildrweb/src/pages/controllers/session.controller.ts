import { Body, Get, HttpStatus, Post, Query, Req, Res } from '@nestjs/common';
import { TokensService } from '@fatbuildr/access';
import { FatbuildrError } from '@fatbuildr/errors';
import type { Instance } from '@fatbuildr/instances';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentInstance } from '../../auth/current.decorators';
import { refuseCrossSite } from '../../auth/cross-site';
import { Requires } from '../../auth/requires.decorator';
import { endSession, setSession } from '../../auth/session-cookie';
import { TokenAuthenticator } from '../../auth/token-authenticator';
import { formText, type FormBody } from '../form';
import { Frame } from '../frame/frame';
import { Page, SeeOther } from '../frame/page';
import { PageController } from '../frame/page.interceptor';

/** A browser's session: a token that was pasted once and is kept in a cookie. */
@PageController()
@Requires('none')
export class SessionController {
  constructor(
    private readonly authenticator: TokenAuthenticator,
    private readonly tokens: TokensService,
    private readonly frame: Frame,
  ) {}

  @Get('sign-in')
  form(@Query('next') next: unknown): Page {
    return signInPage(ownAddress(next));
  }

  @Post('sign-in')
  async signIn(
    @CurrentInstance() instance: Instance,
    @Body() body: FormBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Page | SeeOther> {
    refuseCrossSite(request, undefined);
    const next = ownAddress(body?.next);
    try {
      const token = formText(body, 'token').trim();
      const holder = await this.authenticator.present(request, instance, token);
      const known = await this.tokens.list(instance.id, { user: holder.user });
      const expires = known.find(({ id }) => id === holder.id)?.expires ?? 0;
      const seconds = Math.max(0, expires - Math.floor(Date.now() / 1000));
      setSession(request, reply, { instance: instance.id, token, seconds });
    } catch (fault) {
      if (!(fault instanceof FatbuildrError)) throw fault;
      return signInPage(next, fault.message, HttpStatus.UNAUTHORIZED);
    }
    return new SeeOther(next ?? this.frame.links(instance).dashboard());
  }

  @Post('sign-out')
  signOut(
    @CurrentInstance() instance: Instance,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): SeeOther {
    endSession(request, reply, instance.id);
    return new SeeOther(this.frame.links(instance).registry());
  }
}

function signInPage(next: string | undefined, fault?: string, status?: number): Page {
  return new Page('sign-in', 'sign-in', 'Sign in', { next: next ?? '', fault }, status);
}

/** @returns `undefined` for what leads to another host, or nowhere */
export function ownAddress(next: unknown): string | undefined {
  return typeof next === 'string' && /^\/(?![/\\])[^\s\\]*$/.test(next) ? next : undefined;
}
