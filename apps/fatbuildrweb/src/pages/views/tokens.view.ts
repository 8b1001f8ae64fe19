import type { TokenDescription } from '@fatbuildr/protocol';
import { moment, type Moment } from '../frame/wording';

export interface TokenView {
  id: string;
  user: string;
  description: string;
  scopes: string;
  issued: Moment;
  expires: Moment;
  lastUse: Moment | undefined;
  state: string;
  revocable: boolean;
}

export function tokenView(token: TokenDescription, now: number): TokenView {
  const { id, user, description, scopes, issued, expires, revoked, used } = token;
  const good = revoked === undefined && expires * 1000 > now;
  return {
    ...{ id, user, description },
    scopes: scopes.join(', '),
    issued: moment(issued * 1000, now),
    expires: moment(expires * 1000, now),
    lastUse: used === undefined ? undefined : moment(used * 1000, now),
    state: good ? 'valid' : revoked === undefined ? 'expired' : 'revoked',
    revocable: good,
  };
}
