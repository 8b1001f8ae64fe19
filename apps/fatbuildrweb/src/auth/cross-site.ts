import type { FastifyRequest } from 'fastify';
import { crossSite } from './auth.errors';
import { sameToken } from './session-cookie';

/** Scripts send the session's token in this header. */
export const CSRF_HEADER = 'x-csrf-token';
/** Forms send it in this field, or in the query of their action when they are multipart. */
export const CSRF_FIELD = 'csrf';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export const isChange = ({ method }: Pick<FastifyRequest, 'method'>): boolean =>
  !SAFE_METHODS.has(method);

/**
 * Refuses changes that a page of another site makes a browser send.
 *
 * @param csrf what pages of ours know of the session; `undefined` where there is none yet
 * @throws FatbuildrError `ACCESS.CROSS_SITE`
 */
export function refuseCrossSite(request: FastifyRequest, csrf: string | undefined): void {
  if (!isChange(request)) return;
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw crossSite('the browser says that another site asks for it');
  }
  if (origin !== undefined && originHost(origin) !== request.host) {
    throw crossSite('its origin is another one');
  }
  if (csrf === undefined) return;
  const sent = [
    request.headers[CSRF_HEADER],
    (request.query as Record<string, unknown>)[CSRF_FIELD],
    (request.body as Record<string, unknown> | undefined)?.[CSRF_FIELD],
  ];
  if (!sent.some((token) => typeof token === 'string' && sameToken(token, csrf))) {
    throw crossSite('the token of the form is missing or old');
  }
}

function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
