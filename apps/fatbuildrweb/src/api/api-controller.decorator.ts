import {
  applyDecorators,
  Controller,
  UseFilters,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
} from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires, type Requirement } from '../auth/requires.decorator';
import { invalidRequest } from './api.errors';
import { EtagInterceptor } from './etag.interceptor';
import { ProblemFilter } from './problem.filter';

export const API_PATH = 'api/v1';
/** What one instance has and does. */
export const INSTANCE_PATH = `${API_PATH}/instances/:instance`;

/** Checks what a DTO says of its fields, and refuses fields it does not have. */
const validation = new ValidationPipe({
  transform: true,
  whitelist: true,
  forbidNonWhitelisted: true,
  exceptionFactory: (faults) =>
    invalidRequest(faults.flatMap(({ constraints }) => Object.values(constraints ?? {}))),
});

/** A controller of the API. The names of its methods are the operation ids of the document: they stay. */
export const ApiController = (tag: string, path = INSTANCE_PATH) =>
  applyDecorators(
    Controller(path),
    ApiTags(tag),
    ApiBearerAuth(),
    UseFilters(ProblemFilter),
    UseInterceptors(EtagInterceptor),
    UsePipes(validation),
  );

/** What a route is for, and the action it takes. */
export const Operation = (summary: string, action: Requirement, more = '') =>
  applyDecorators(
    Requires(action),
    ApiOperation({
      summary,
      description:
        `${more} ${action === 'none' ? 'For everybody.' : `Takes the action \`${action}\`.`}`.trim(),
    }),
  );
