import type { Action } from '@fatbuildr/access';
import type { Instance } from '@fatbuildr/instances';

/** Who makes a request, and what they may do in the instance it is for. */
export interface Caller {
  /** `undefined` for an anonymous one. */
  readonly user: string | undefined;
  /** Network address the request came from. */
  readonly address: string;
  /** The token that was presented; absent for an anonymous one. */
  readonly token?: {
    readonly id: string;
    /** The actions it is limited to; `undefined`: all its user may do. */
    readonly scopes: readonly Action[] | undefined;
  };
  /** Only of a caller whose token came in a cookie, from a browser. */
  readonly session?: {
    /** What forms and scripts send along with a change, see {@link CSRF_HEADER}. */
    readonly csrf: string;
  };
  may(action: Action): boolean;
}

/** What the guard leaves on a request for its handler. */
export interface GuardedRequest {
  caller: Caller;
  /** Absent on routes that belong to no instance. */
  instance?: Instance;
}

/** Whose tasks the changes of a caller are; anonymous ones make any only where the policy lets them. */
export const userOf = ({ user }: Caller): string => user ?? 'anonymous';
