import { Injectable } from '@nestjs/common';
import { PolicyService, TokensService, type TokenHolder } from '@fatbuildr/access';
import { InstancesService, type Instance } from '@fatbuildr/instances';
import type { FastifyRequest } from 'fastify';
import { Authenticator } from './authenticator';
import { badAuthorization } from './auth.errors';
import type { Caller } from './caller';
import { refuseCrossSite } from './cross-site';
import { FailureLimit } from './failure-limit';
import { csrfToken, sessionToken } from './session-cookie';

/** By the token in the header `Authorization`, or in the cookie of a browser's session. */
@Injectable()
export class TokenAuthenticator extends Authenticator {
  constructor(
    private readonly tokens: TokensService,
    private readonly policy: PolicyService,
    private readonly instances: InstancesService,
    private readonly failures: FailureLimit,
  ) {
    super();
  }

  async authenticate(request: FastifyRequest, instance: Instance | undefined): Promise<Caller> {
    const { authorization } = request.headers;
    // A token belongs to one instance: where none is named, any that knows it will do.
    const ids = instance ? [instance.id] : this.instances.list().map(({ id }) => id);
    if (authorization !== undefined) {
      const holder = await this.checked(request, () => this.bearer(authorization, ids));
      return this.caller(request, holder);
    }
    for (const id of ids) {
      const token = sessionToken(request, id);
      // One that is good no more must not lock its browser out of what everybody may see.
      const holder = token && (await this.tokens.verify(id, token).catch(() => undefined));
      if (!holder) continue;
      const csrf = csrfToken(token);
      refuseCrossSite(request, csrf);
      return this.caller(request, holder, { csrf });
    }
    return this.caller(request, undefined);
  }

  /**
   * Checks a token that comes in another way than the usual ones, as carefully as those.
   *
   * @throws FatbuildrError `ACCESS.TOKEN`, `ACCESS.TOO_MANY_FAILURES`
   */
  present(request: FastifyRequest, instance: Instance, token: string): Promise<TokenHolder> {
    return this.checked(request, () => this.tokens.verify(instance.id, token));
  }

  private async checked(
    { ip }: FastifyRequest,
    verify: () => Promise<TokenHolder>,
  ): Promise<TokenHolder> {
    this.failures.check(ip);
    try {
      return await verify();
    } catch (fault) {
      this.failures.failed(ip);
      throw fault;
    }
  }

  private async bearer(authorization: string, instances: readonly string[]): Promise<TokenHolder> {
    const [, token] = /^Bearer +([\w.~+/=-]+) *$/i.exec(authorization) ?? [];
    if (token === undefined) throw badAuthorization();
    let refusal: unknown;
    for (const instance of instances) {
      try {
        return await this.tokens.verify(instance, token);
      } catch (fault) {
        refusal = fault;
      }
    }
    throw refusal;
  }

  private async caller(
    { ip }: FastifyRequest,
    holder: TokenHolder | undefined,
    session?: Caller['session'],
  ): Promise<Caller> {
    const granted = await this.policy.actionsOf(holder?.user);
    const scopes = holder?.scopes;
    return {
      user: holder?.user,
      address: ip,
      ...(holder === undefined ? {} : { token: { id: holder.id, scopes } }),
      ...(session === undefined ? {} : { session }),
      may: (action) => granted.has(action) && (scopes?.includes(action) ?? true),
    };
  }
}
