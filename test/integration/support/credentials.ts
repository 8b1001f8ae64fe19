import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JwtService } from '@nestjs/jwt';
import type { WebHost } from './web-host';

export const CREDENTIALS = [
  ...['anonymous', 'user', 'admin', 'limited admin', 'expired', 'revoked', 'wrong audience'],
  ...['alg none', 'key of another instance', 'another algorithm', 'no token at all'],
] as const;
export type Credential = (typeof CREDENTIALS)[number];

/** The tokens callers come with, good and bad, under the policy that is shipped; none for anonymous ones. */
export async function makeCredentials(web: WebHost): Promise<Map<Credential, string | undefined>> {
  const jwt = new JwtService();
  const admin = await web.token('root');
  const claims = jwt.decode<Record<string, unknown>>(admin);
  const secret = await readFile(join(web.home, 'tokens/default.key'));
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return new Map<Credential, string | undefined>([
    ['user', await web.token('ada')],
    ['admin', admin],
    ['limited admin', await web.token('root', { scopes: ['view-pipeline'] })],
    ['expired', jwt.sign({ ...claims, iat: now - 20, exp: now - 10 }, { secret })],
    ['revoked', await web.revokedToken('root')],
    ['wrong audience', jwt.sign({ ...claims, aud: 'somebody' }, { secret })],
    ['alg none', `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`],
    ['key of another instance', await web.token('root', { instance: 'other' })],
    ['another algorithm', jwt.sign(claims, { secret, algorithm: 'HS512' })],
    ['no token at all', 'x'],
  ]);
}

/** Who may use a route under the policy that is shipped. */
export type Allowed = 'all' | 'users' | 'admins';

/**
 * What a route answers to a credential: `yes` for whatever is no refusal.
 *
 * @param limited whether a token for `view-pipeline` alone is good for it
 * @param named whether it names an instance; where none is named, a key of any will do
 */
export function answerTo(
  credential: Credential,
  { allowed, limited, named }: { allowed: Allowed; limited: boolean; named: boolean },
): 'yes' | 401 | 403 {
  switch (credential) {
    case 'anonymous':
      return allowed === 'all' ? 'yes' : 403;
    case 'user':
      return allowed === 'admins' ? 403 : 'yes';
    case 'admin':
      return 'yes';
    case 'limited admin':
      return limited ? 'yes' : 403;
    case 'key of another instance':
      return named ? 401 : 'yes';
    default:
      return 401;
  }
}
