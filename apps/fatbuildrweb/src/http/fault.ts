import { HttpException } from '@nestjs/common';
import { FatbuildrError, messageOf } from '@fatbuildr/errors';
import { queueUnreachable } from '../daemon/daemon.errors';
import { isQueueFault } from '../daemon/queue-connection';
import { httpStatus } from './status';

/** A fault as a client may know it. */
export interface Fault {
  status: number;
  /** One sentence. */
  reason: string;
  /** Of a fault of ours. */
  code?: string;
  details?: Readonly<Record<string, unknown>>;
  /** Headers the answer needs. */
  headers: Readonly<Record<string, string>>;
  /** `false` for one nobody foresaw, which belongs into the log. */
  foreseen: boolean;
}

const INTERNAL: Fault = {
  status: 500,
  reason: 'the server met an internal fault, its log has the details',
  headers: {},
  foreseen: false,
};

/** What a client may know of anything thrown. */
export function faultOf(thrown: unknown): Fault {
  if (isQueueFault(thrown)) return faultOf(queueUnreachable());
  if (thrown instanceof FatbuildrError) {
    const { code, message, details } = thrown;
    const status = httpStatus(thrown);
    return { status, reason: message, code, details, headers: headersOf(thrown), foreseen: true };
  }
  // Nest's and Fastify's own: what they could not read, routes there are none of.
  const status = thrown instanceof HttpException ? thrown.getStatus() : statusOf(thrown);
  if (status === undefined || status >= 500) return INTERNAL;
  return { status, reason: firstLine(messageOf(thrown)), headers: {}, foreseen: true };
}

function statusOf(thrown: unknown): number | undefined {
  const { statusCode } = (thrown ?? {}) as { statusCode?: unknown };
  return typeof statusCode === 'number' && statusCode >= 400 ? statusCode : undefined;
}

function headersOf({ code, details }: FatbuildrError): Record<string, string> {
  if (code === 'ACCESS.TOKEN') return { 'www-authenticate': 'Bearer error="invalid_token"' };
  if (typeof details.retryAfter === 'number') return { 'retry-after': String(details.retryAfter) };
  return {};
}

const firstLine = (text: string): string => text.split('\n', 1)[0]!;
