import {
  applyDecorators,
  createParamDecorator,
  HttpCode,
  type ExecutionContext,
} from '@nestjs/common';
import { ApiAcceptedResponse, ApiHeader } from '@nestjs/swagger';
import type { Action } from '@fatbuildr/access';
import type { Instance } from '@fatbuildr/instances';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller, GuardedRequest } from '../../auth/caller';
import { Operation } from '../api-controller.decorator';
import { TaskDto } from '../tasks/task.dto';

/** What a submission needs of its request. */
export interface SubmissionCall {
  instance: Instance;
  caller: Caller;
  /** `Idempotency-Key`, if there is one. */
  key: string | undefined;
  /** Method, path and body: what must be the same under the same key. */
  request: string;
  reply: FastifyReply;
}

/** The {@link SubmissionCall} of a request. */
export const CurrentSubmission = createParamDecorator(
  (_: unknown, context: ExecutionContext): SubmissionCall => {
    const request = context.switchToHttp().getRequest<FastifyRequest & Required<GuardedRequest>>();
    const { instance, caller, headers, method, url, body } = request;
    const key = headers['idempotency-key'];
    return {
      ...{ instance, caller },
      key: Array.isArray(key) ? key.join() : key,
      request: JSON.stringify([method, url, body ?? null]),
      reply: context.switchToHttp().getResponse<FastifyReply>(),
    };
  },
);

/** A route that submits a task and answers with it. */
export const Submission = (summary: string, action: Action, more = '') =>
  applyDecorators(
    Operation(summary, action, more),
    HttpCode(202),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'Chosen by the caller, 1 to 255 visible ASCII characters: for a day, the same request with the same key answers the same task.',
    }),
    ApiAcceptedResponse({
      type: TaskDto,
      description: 'The task that does it.',
      headers: {
        Location: { description: 'Path of the task.', schema: { type: 'string' } },
      },
    }),
  );
