import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Instance } from '@fatbuildr/instances';
import type { Caller, GuardedRequest } from './caller';

const guarded = (context: ExecutionContext): GuardedRequest =>
  context.switchToHttp().getRequest<GuardedRequest>();

/** The {@link Caller} of a request. */
export const CurrentCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Caller => guarded(context).caller,
);

/** The {@link Instance} a request is for; on routes that belong to none there is none. */
export const CurrentInstance = createParamDecorator(
  (_: unknown, context: ExecutionContext): Instance | undefined => guarded(context).instance,
);
