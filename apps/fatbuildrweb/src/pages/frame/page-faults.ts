import { Injectable } from '@nestjs/common';
import type { Action } from '@fatbuildr/access';
import { closest } from '@fatbuildr/config';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GuardedRequest } from '../../auth/caller';
import type { Fault } from '../../http/fault';
import { Frame } from './frame';
import { Page } from './page';

const TITLES: Readonly<Record<number, string>> = {
  400: 'This cannot be done',
  401: 'Your token is not valid',
  403: 'You may not do this',
  404: 'There is no such thing here',
  409: 'Not now',
  413: 'This is too large',
  429: 'Too many attempts',
  500: 'Something broke on our side',
  503: 'Something we need does not answer',
};

/** Faults as pages, for browsers. */
@Injectable()
export class PageFaults {
  constructor(private readonly frame: Frame) {}

  /** Whether who asks wants to read a page: programs do not ask for HTML. */
  wants({ headers }: FastifyRequest): boolean {
    return headers.accept?.includes('text/html') === true;
  }

  answer(
    fault: Fault,
    request: FastifyRequest & Partial<GuardedRequest>,
    reply: FastifyReply,
  ): void {
    const { caller, instance } = request;
    const anonymous = caller !== undefined && caller.user === undefined;
    const base = instance && this.frame.links(instance).base;
    const mayHelp = fault.status === 401 || (fault.status === 403 && anonymous);
    const page = new Page(
      'error',
      'none',
      TITLES[fault.status] ?? TITLES[fault.status < 500 ? 400 : 500]!,
      {
        status: fault.status,
        message: sentence(fault, anonymous),
        suggestions: suggestions(fault, this.frame.here(request)),
        signIn:
          mayHelp && base !== undefined
            ? `${base}/sign-in?next=${encodeURIComponent(request.method === 'GET' ? this.frame.here(request) : '')}`
            : undefined,
      },
      fault.status,
    );
    void reply.headers(fault.headers).send(this.frame.answer(page, request, reply));
  }
}

function sentence({ code, reason, details }: Fault, anonymous: boolean): string {
  if (code === 'ACCESS.DENIED' && anonymous) {
    return `Only who is signed in may do this, and whose token allows “${details?.action as Action}”.`;
  }
  return `${reason.slice(0, 1).toUpperCase()}${reason.slice(1)}${/[.!?]$/.test(reason) ? '' : '.'}`;
}

const SUGGESTED = 5;

/** Of a fault that names what exists: the address with the wrong part exchanged. */
export function suggestions(
  { code = '', status, details = {} }: Pick<Fault, 'code' | 'status' | 'details'>,
  url: string,
): { title: string; href: string }[] {
  const { existing } = details;
  const wrong = code === 'INSTANCES.UNKNOWN' ? details.instance : details[unknownPart(code)];
  if (status !== 404 || !isTexts(existing) || typeof wrong !== 'string') return [];
  const [path = ''] = url.split('?', 1);
  const part = encodeURIComponent(wrong);
  if (!path.includes(`/${part}`)) return [];
  const best = closest(wrong, existing);
  return [...new Set(best === undefined ? [] : [best, ...existing])]
    .slice(0, SUGGESTED)
    .map((title) => ({
      title,
      href: path
        .split('/')
        .map((one) => (one === part ? encodeURIComponent(title) : one))
        .join('/'),
    }));
}

/** `REGISTRY.UNKNOWN_ARTIFACT` → `artifact`. */
const unknownPart = (code: string): string => (code.split('.UNKNOWN_')[1] ?? '').toLowerCase();

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
