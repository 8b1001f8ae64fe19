import {
  applyDecorators,
  Controller,
  Injectable,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { Frame } from './frame';
import { Page, SeeOther } from './page';

/** Makes HTML of the pages, and redirections of the forms, that handlers answer. */
@Injectable()
export class PageInterceptor implements NestInterceptor {
  constructor(private readonly frame: Frame) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const [request, reply] = [http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>()];
    return next.handle().pipe(
      map((answer: unknown) => {
        if (answer instanceof Page) return this.frame.answer(answer, request, reply);
        if (!(answer instanceof SeeOther)) return answer;
        void reply.code(303).header('location', answer.address).header('cache-control', 'no-store');
        return '';
      }),
    );
  }
}

/** A controller whose handlers answer {@link Page} or {@link SeeOther}. */
export const PageController = (path = '') =>
  applyDecorators(Controller(path), UseInterceptors(PageInterceptor));
