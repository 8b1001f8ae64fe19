export { connectHttp } from './connect-http';
export { HttpClient } from './http-client';
export { parseHttpUri, type HttpAccess, type HttpTarget } from './http-target';
export { readToken, tokenFile } from './token-file';
