import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PageFaults } from '../pages/frame/page-faults';
import { faultOf } from './fault';

/** Answers faults as the compatible routes do, `{"error": "<reason>"}`, and browsers with a page. */
@Catch()
export class FaultFilter implements ExceptionFilter {
  private readonly logger = new Logger('http');

  constructor(private readonly pages: PageFaults) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const fault = faultOf(thrown);
    if (!fault.foreseen) this.logger.error(thrown);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    // The answer is under way: all that can still tell the client is its sudden end.
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    if (this.pages.wants(request)) {
      this.pages.answer(fault, request, reply);
      return;
    }
    void reply
      .code(fault.status)
      .headers({ ...fault.headers, 'cache-control': 'no-store' })
      .type('application/json; charset=utf-8')
      .send(JSON.stringify({ error: fault.reason }));
  }
}
