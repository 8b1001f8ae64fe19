import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { Database } from '@fatbuildr/database';
import { messageOf } from '@fatbuildr/errors';
import type { TokenDescription } from '@fatbuildr/protocol';
import { IsNull } from 'typeorm';
import { badTokenRequest, refusedToken, unknownScope, unknownToken } from './access.errors';
import { ACTIONS, type Action } from './actions';
import { TokenKeys } from './token-keys';
import { TokenEntity } from './tokens.entity';

const DAY_MS = 86_400_000;
/** Milliseconds between two records of a token's use. */
const USE_RECORDED_EVERY_MS = 5 * 60_000;
const DESCRIPTION_CHARACTERS = 200;
/** RFC 7519 allows some leeway for clocks that differ; all of ours are one. */
const CLOCK_TOLERANCE_S = 0;

/** What a token is asked for with. */
export interface TokenRequest {
  user: string;
  /** The actions it is limited to; all its user may do when absent. */
  scopes?: readonly string[] | undefined;
  description?: string | undefined;
  /** Days; as `[tokens] duration` says when absent, and never more. */
  days?: number | undefined;
  /** What the token it is asked for with is limited to: it must not lead to a wider one. */
  within?: readonly Action[] | undefined;
}

/** Who presents a valid token. */
export interface TokenHolder {
  /** Id of the token. */
  id: string;
  user: string;
  /** `undefined`: not limited. */
  scopes: readonly Action[] | undefined;
}

interface Claims {
  sub?: unknown;
  jti?: unknown;
  iat?: number;
  exp?: number;
}

/** The tokens of all instances: JSON Web Tokens, each with a row that can revoke it. */
@Injectable()
export class TokensService {
  private readonly logger = new Logger('tokens');
  private readonly keys: TokenKeys;
  private readonly jwt = new JwtService();

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Pick<Configuration, 'tokens'>,
    private readonly database: Database,
  ) {
    this.keys = new TokenKeys(configuration.tokens.storage);
  }

  /**
   * @returns the token, which nobody can show again, and what is known of it
   * @throws FatbuildrError `ACCESS.SCOPE`, `ACCESS.TOKEN_REQUEST`
   */
  async issue(
    instance: string,
    { user, scopes, description = '', days, within }: TokenRequest,
  ): Promise<{ token: string; description: TokenDescription }> {
    const { duration, algorithm, audience } = this.configuration.tokens;
    const lifetime = days ?? duration;
    if (!Number.isInteger(lifetime) || lifetime < 1 || lifetime > duration) {
      throw badTokenRequest(`a token is valid for 1 to ${duration} days, not for ${lifetime}`);
    }
    if (description.length > DESCRIPTION_CHARACTERS || /\p{C}/u.test(description)) {
      throw badTokenRequest(
        `the description of a token is one line of at most ${DESCRIPTION_CHARACTERS} characters`,
      );
    }
    const issued = Math.floor(Date.now() / 1000);
    const row = {
      id: randomUUID(),
      ...{ instance, user, description },
      scopes: limits(scopes, within),
      issued: issued * 1000,
      expires: issued * 1000 + lifetime * DAY_MS,
      revoked: null,
      used: null,
    };
    const claims = { iat: issued, exp: row.expires / 1000 };
    const token = await this.jwt.signAsync(claims, {
      secret: await this.keys.of(instance),
      ...{ algorithm, audience, subject: user, jwtid: row.id, issuer: instance },
    });
    await this.database.transaction((manager) => manager.insert(TokenEntity, row));
    return { token, description: describe(row) };
  }

  /** The tokens of an instance that are neither expired nor revoked, or all of them; the newest first. */
  async list(
    instance: string,
    { user, all = false }: { user?: string | undefined; all?: boolean } = {},
  ): Promise<TokenDescription[]> {
    const rows = await this.rows.find({
      where: {
        instance,
        ...(user === undefined ? {} : { user }),
        ...(all ? {} : { revoked: IsNull() }),
      },
      order: { issued: 'DESC', id: 'ASC' },
    });
    return rows.filter(({ expires }) => all || expires > Date.now()).map(describe);
  }

  /**
   * Makes a token worthless from now on; one that is already stays so.
   *
   * @param user whose it must be; anybody's when absent
   * @throws FatbuildrError `ACCESS.UNKNOWN_TOKEN`
   */
  async revoke(instance: string, id: string, user?: string): Promise<void> {
    const mine = { id, instance, ...(user === undefined ? {} : { user }) };
    if (!(await this.rows.existsBy(mine))) throw unknownToken(id, instance);
    await this.database.transaction((manager) =>
      manager.update(TokenEntity, { ...mine, revoked: IsNull() }, { revoked: Date.now() }),
    );
  }

  /**
   * Who presents a token. All that is wrong with a token we did not sign has one reason, so that guesses
   * teach nothing; only of our own it says more.
   *
   * @throws FatbuildrError `ACCESS.TOKEN`
   */
  async verify(instance: string, token: string): Promise<TokenHolder> {
    const { jti: id, sub: user } = await this.claims(instance, token);
    if (typeof id !== 'string' || typeof user !== 'string')
      throw refusedToken('it is not valid here');
    const row = await this.rows.findOneBy({ id, instance, user });
    if (row === null) throw refusedToken('it is not known any more');
    if (row.revoked !== null) throw refusedToken('it was revoked');
    this.noteUse(row);
    return { id, user, scopes: row.scopes ?? undefined };
  }

  /** What the token says, once its signature and its times are good. */
  private async claims(instance: string, token: string): Promise<Claims> {
    const { algorithm, audience } = this.configuration.tokens;
    const signed = { secret: await this.keys.of(instance), algorithms: [algorithm] };
    // The signature first and alone: what the library says in between must not tell one forgery from another.
    const claims: Claims = await this.jwt
      .verifyAsync<Claims & object>(token, {
        ...signed,
        ...{ ignoreExpiration: true, ignoreNotBefore: true },
      })
      .catch(() => {
        throw refusedToken('it is not valid here');
      });
    if (claims.exp === undefined || claims.iat === undefined) {
      throw refusedToken('it does not say how long it is valid');
    }
    if (claims.iat > Date.now() / 1000 + CLOCK_TOLERANCE_S)
      throw refusedToken('it is not valid yet');
    await this.jwt.verifyAsync(token, { ...signed, audience }).catch((fault: unknown) => {
      throw refusedToken(REASONS[reasonOf(fault)] ?? 'it is not valid here');
    });
    return claims;
  }

  /** Beside the request, which need not wait for it, and seldom. */
  private noteUse({ id, used }: TokenEntity): void {
    const now = Date.now();
    if (used !== null && now - used < USE_RECORDED_EVERY_MS) return;
    this.database
      .transaction((manager) => manager.update(TokenEntity, { id }, { used: now }))
      .catch((fault: unknown) => {
        this.logger.warn(`the use of token ${id} was not recorded: ${messageOf(fault)}`);
      });
  }

  private get rows() {
    return this.database.dataSource.getRepository(TokenEntity);
  }
}

/** What the library's errors are called. */
const REASONS: Readonly<Record<string, string>> = {
  TokenExpiredError: 'it has expired',
  NotBeforeError: 'it is not valid yet',
  JsonWebTokenError: 'it is for another audience',
};

const reasonOf = (fault: unknown): string => (fault instanceof Error ? fault.name : '');

function limits(
  scopes: readonly string[] | undefined,
  within: readonly Action[] | undefined,
): Action[] | null {
  if (scopes === undefined) {
    if (within === undefined) return null;
    throw badTokenRequest('a token that is limited can only issue limited ones: name the actions');
  }
  if (scopes.length === 0)
    throw badTokenRequest(
      'a token is limited to at least one action; leave the limit out for none',
    );
  const known: readonly Action[] = within ?? ACTIONS;
  return scopes.map((scope) => {
    const action = known.find((one) => one === scope);
    if (action === undefined) throw unknownScope(scope, known);
    return action;
  });
}

function describe(row: Omit<TokenEntity, 'instance'>): TokenDescription {
  const { id, user, description, scopes, issued, expires, revoked, used } = row;
  return {
    ...{ id, user, description, scopes: scopes ?? [] },
    issued: issued / 1000,
    expires: expires / 1000,
    ...(revoked === null ? {} : { revoked: Math.floor(revoked / 1000) }),
    ...(used === null ? {} : { used: Math.floor(used / 1000) }),
  };
}
