import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Each instance has a cookie of its own: who is known to one need not be to another. */
const PREFIX = 'fatbuildr_';

/** For the path `/` alone, whatever stands before ours: browsers ask for that with this beginning of the name. */
const PATH = '/';

/** The name of a cookie that only this host itself can have set, over HTTPS (RFC 6265bis 4.1.3.2). */
const HOST_PREFIX = '__Host-';

const cookieName = (instance: string, secure: boolean): string =>
  `${secure ? HOST_PREFIX : ''}${PREFIX}${instance}`;

const isSecure = ({ protocol }: FastifyRequest): boolean => protocol === 'https';

/** The token of a browser's session; `undefined` without one. */
export function sessionToken(request: FastifyRequest, instance: string): string | undefined {
  return request.cookies[cookieName(instance, isSecure(request))] || undefined;
}

/** @param seconds until the token expires */
export function setSession(
  request: FastifyRequest,
  reply: FastifyReply,
  session: { instance: string; token: string; seconds: number },
): void {
  const secure = isSecure(request);
  reply.setCookie(cookieName(session.instance, secure), session.token, {
    ...{ path: PATH, httpOnly: true, sameSite: 'strict', secure, maxAge: session.seconds },
  });
}

export function endSession(request: FastifyRequest, reply: FastifyReply, instance: string): void {
  const secure = isSecure(request);
  reply.clearCookie(cookieName(instance, secure), {
    ...{ path: PATH, httpOnly: true, sameSite: 'strict', secure },
  });
}

/** What only a page of ours can know of a session: it follows from the cookie that scripts cannot read. */
export const csrfToken = (session: string): string =>
  createHmac('sha256', session).update('csrf').digest('base64url');

export function sameToken(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}
