import {
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuditService } from '@fatbuildr/access';
import type { FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { userOf, type GuardedRequest } from './caller';
import { isChange } from './cross-site';
import { REQUIRES, type Requirement } from './requires.decorator';

/** Every change that comes in over HTTP gets into the trail, by its method; a session is none. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(
    private readonly audit: AuditService,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const targets = [context.getHandler(), context.getClass()];
    const action = this.reflector.getAllAndOverride<Requirement>(REQUIRES, targets);
    const request = context.switchToHttp().getRequest<FastifyRequest & GuardedRequest>();
    if (!isChange(request) || action === 'none') return next.handle();
    return from(this.record(request, action, next));
  }

  private async record(
    { method, url, caller, instance }: FastifyRequest & GuardedRequest,
    action: string,
    next: CallHandler,
  ): Promise<unknown> {
    const change = await this.audit.begin({
      ...{ instance: instance?.id ?? null, user: userOf(caller) },
      ...{ transport: 'http', origin: caller.address, action },
      detail: `${method} ${url.replace(/([?&]csrf=)[^&]*/, '$1…')}`,
    });
    try {
      const answer: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
      await change.done(answer);
      return answer;
    } catch (fault) {
      await change.failed();
      throw fault;
    }
  }
}
