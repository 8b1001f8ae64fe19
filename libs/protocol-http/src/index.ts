export { connectHttp } from './connect-http';
export { HttpClient, type HttpAccess } from './http-client';
export { parseHttpUri, type HttpTarget } from './http-target';
export { readToken, tokenFile } from './token-file';
