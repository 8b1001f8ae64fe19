import { STATUS_CODES } from 'node:http';
import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { faultOf } from '../http/fault';
import type { ProblemDto } from './problem.dto';

/** Answers a fault as a problem document (RFC 9457); one nobody foresaw shows nothing of the inside. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, thrown: unknown): void {
  const { status, reason, code = `HTTP.${status}`, headers } = faultOf(thrown);
  const problem: ProblemDto = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    ...{ status, detail: reason, code },
    instance: request.originalUrl.replace(/\?.*$/s, ''),
  };
  void reply
    .code(status)
    .headers({ ...headers, 'cache-control': 'no-store' })
    .type('application/problem+json')
    .send(JSON.stringify(problem));
}

/** Answers faults of the API. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('api');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (!faultOf(thrown).foreseen) this.logger.error(thrown);
    // The answer is under way: all that can still tell the client is its sudden end.
    if (reply.raw.headersSent) reply.raw.destroy();
    else sendProblem(host.switchToHttp().getRequest<FastifyRequest>(), reply, thrown);
  }
}
