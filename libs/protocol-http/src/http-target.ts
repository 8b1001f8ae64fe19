import { unusableHttpUri } from './http-client.errors';

/** Where a server is, and what it knows its caller by. */
export interface HttpAccess {
  /** `http(s)://host[:port]/<instance>` */
  uri: string;
  token: string | undefined;
  /** Where the token is or would be, for messages. */
  tokenFile: string | undefined;
}

/** A server, and which of its instances is meant. */
export interface HttpTarget {
  /** `http(s)://host[:port]` */
  server: string;
  /** `undefined`: the only one it has. */
  instance: string | undefined;
}

/**
 * @param uri `http(s)://host[:port]/<instance>`, without instance where the server has one only
 * @throws FatbuildrError `USAGE.URI`
 */
export function parseHttpUri(uri: string): HttpTarget {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  const [, instance] = /^\/([A-Za-z0-9_][A-Za-z0-9_-]*)?\/?$/.exec(url?.pathname ?? '-') ?? [];
  if (url === undefined || url.host === '' || !/^https?:$/.test(url.protocol)) {
    throw unusableHttpUri(uri);
  }
  if (url.username || url.password || url.search || url.hash) throw unusableHttpUri(uri);
  if (instance === undefined && url.pathname !== '/') throw unusableHttpUri(uri);
  return { server: url.origin, instance };
}
