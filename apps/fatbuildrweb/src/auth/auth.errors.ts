import type { Action } from '@fatbuildr/access';
import { FatbuildrError } from '@fatbuildr/errors';
import type { Caller } from './caller';

export const notAllowed = ({ user, token }: Caller, action: Action) =>
  new FatbuildrError(
    'ACCESS.DENIED',
    user === undefined
      ? `anonymous callers may not do this (action ${action}), send a token`
      : `user ${user} is not allowed to do this (action ${action}${token?.scopes ? ', with this token' : ''})`,
    { action, ...(user === undefined ? {} : { user }) },
  );

/** Of a header that is there and says nothing we understand: it is never taken for none. */
export const badAuthorization = () =>
  new FatbuildrError(
    'ACCESS.TOKEN',
    'the header Authorization is refused: it must be "Bearer" and a token',
  );

export const tooManyFailures = (seconds: number) =>
  new FatbuildrError(
    'ACCESS.TOO_MANY_FAILURES',
    `too many refused tokens came from your address, try again in ${seconds} s`,
    { retryAfter: seconds },
  );

export const crossSite = (reason: string) =>
  new FatbuildrError(
    'ACCESS.CROSS_SITE',
    `this change does not come from a page of ours: ${reason}; reload the page and try again`,
  );

/** A fault of ours, found at start. */
export const unguardedRoute = (controller: string, handler: string) =>
  new FatbuildrError(
    'WEB.UNGUARDED',
    `route ${controller}.${handler} does not say which action it requires, mark it with @Requires`,
    { controller, handler },
  );
