import type { Action } from '@fatbuildr/access';
import { FatbuildrError } from '@fatbuildr/errors';
import type { Caller } from './caller';

export const notAllowed = ({ user }: Caller, action: Action) =>
  new FatbuildrError(
    'ACCESS.DENIED',
    user === undefined
      ? `anonymous callers may not do this (action ${action}), send a token`
      : `user ${user} is not allowed to do this (action ${action})`,
    { action, ...(user === undefined ? {} : { user }) },
  );
