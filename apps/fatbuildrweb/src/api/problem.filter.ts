import {
  Catch,
  HttpException,
  Logger,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { FatbuildrError, messageOf } from '@fatbuildr/errors';
import { STATUS_CODES } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { httpStatus } from '../http/status';
import type { ProblemDto } from './problem.dto';

export const PROBLEM_TYPE = 'application/problem+json';

/** What a caller is told of a fault (RFC 9457); one nobody foresaw shows nothing of the inside. */
export function problemOf(fault: unknown, instance: string): ProblemDto {
  const status = fault instanceof HttpException ? fault.getStatus() : httpStatus(fault);
  const known = fault instanceof FatbuildrError;
  const foreseen = known || fault instanceof HttpException;
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: foreseen
      ? messageOf(fault)
      : 'the server met an internal fault, its log has the details',
    code: known ? fault.code : `HTTP.${status}`,
    instance,
  };
}

/** Answers faults of the API as problem documents. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('api');

  catch(fault: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = problemOf(fault, request.url.replace(/\?.*$/s, ''));
    if (problem.code === 'HTTP.500') this.logger.error(fault);
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
    void reply.status(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
  }
}
