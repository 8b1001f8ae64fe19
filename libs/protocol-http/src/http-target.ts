import { unusableHttpUri } from './http-client.errors';

/** Where a server is, and what it knows its caller by. */
export interface HttpAccess {
  /** `http(s)://host[:port][/prefix]/<instance>` */
  uri: string;
  token: string | undefined;
  /** Where the token is or would be, for messages. */
  tokenFile: string | undefined;
}

/** A server, and which of its instances is meant. */
export interface HttpTarget {
  /** `http(s)://host[:port][/prefix]` */
  server: string;
  /** `undefined`: the only one it has. */
  instance: string | undefined;
}

const INSTANCE = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/;

/**
 * @param uri `http(s)://host[:port][/prefix]/<instance>`, without instance where a server without prefix has one only
 * @throws FatbuildrError `USAGE.URI`
 */
export function parseHttpUri(uri: string): HttpTarget {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url === undefined || url.host === '' || !/^https?:$/.test(url.protocol)) {
    throw unusableHttpUri(uri);
  }
  if (url.username || url.password || url.search || url.hash || url.pathname.includes('//')) {
    throw unusableHttpUri(uri);
  }
  const parts = url.pathname.replace(/^\/|\/$/g, '').split('/');
  const instance = parts.pop() || undefined;
  if (instance !== undefined && !INSTANCE.test(instance)) throw unusableHttpUri(uri);
  return { server: [url.origin, ...parts].join('/'), instance };
}
