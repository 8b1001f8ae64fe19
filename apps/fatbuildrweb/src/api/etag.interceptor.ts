import { createHash } from 'node:crypto';
import {
  Injectable,
  StreamableFile,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';

/** Gives what is read a tag of its content, and answers 304 to who has that already (RFC 9110 13.1.2). */
@Injectable()
export class EtagInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    if (request.method !== 'GET') return next.handle();
    return next.handle().pipe(
      map((body) => {
        if (reply.sent || body === undefined || isReady(body)) return body;
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        const tag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
        if (typeof body !== 'string') void reply.type('application/json; charset=utf-8');
        void reply.header('etag', tag).header('cache-control', 'private, no-cache');
        if (!hasTag(request.headers['if-none-match'], tag)) return text;
        void reply.status(304);
        return undefined;
      }),
    );
  }
}

/** Bytes are sent as they are; who makes them knows their tag. */
const isReady = (body: unknown): boolean => body instanceof StreamableFile || Buffer.isBuffer(body);

/** Whether `If-None-Match` names a tag; the comparison is the weak one. */
export function hasTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((one) => ['*', tag].includes(one.trim().replace(/^W\//, '')));
}
