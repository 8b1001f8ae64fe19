import {
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { from, mergeMap, type Observable } from 'rxjs';
import type { GuardedRequest } from '../auth/caller';
import { isChange } from '../auth/cross-site';
import { REQUIRES, type Requirement } from '../auth/requires.decorator';
import { DaemonLink } from './daemon-link';

/** What changes without a task: the database alone is needed. */
const WITHOUT_DAEMON: ReadonlySet<Requirement | undefined> = new Set(['none', 'manage-token']);

/**
 * Changes are tasks, and tasks need the daemon: it is woken before a change is made, and one that cannot be
 * made now is refused at once, before its body is read.
 */
@Injectable()
export class DaemonInterceptor implements NestInterceptor {
  constructor(
    private readonly daemon: DaemonLink,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const targets = [context.getHandler(), context.getClass()];
    const action = this.reflector.getAllAndOverride<Requirement>(REQUIRES, targets);
    const request = context.switchToHttp().getRequest<FastifyRequest & GuardedRequest>();
    const { instance } = request;
    if (!isChange(request) || instance === undefined || WITHOUT_DAEMON.has(action)) {
      return next.handle();
    }
    return from(this.daemon.ready(instance.id)).pipe(mergeMap(() => next.handle()));
  }
}
