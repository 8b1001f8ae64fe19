import { HttpClient } from './http-client';
import { readToken, tokenFile } from './token-file';

/**
 * Connects with the token that the user keeps for the URI, if any.
 *
 * @param tokens folder of the user's tokens
 */
export async function connectHttp(uri: string, tokens: string): Promise<HttpClient> {
  const file = tokenFile(tokens, uri);
  return HttpClient.connect({ uri, token: await readToken(file), tokenFile: file });
}
