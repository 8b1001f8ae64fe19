export { connectHttp } from './connect-http';
export { HttpClient, type HttpAccess } from './http-client';
export { parseHttpUri, type HttpTarget } from './http-target';
export { tokenFile } from './token-file';
