import { FatbuildrError, messageOf } from '@fatbuildr/errors';

/** What a problem document (RFC 9457) of the server says. */
export interface Problem {
  status: number;
  detail?: string;
  code?: string;
}

/** Whom the client talks to, and by which right. */
export interface Correspondent {
  uri: string;
  /** Where a token was looked for. */
  tokenFile: string | undefined;
  /** Whether there was one. */
  hasToken: boolean;
}

export const unusableHttpUri = (uri: string) =>
  new FatbuildrError(
    'USAGE.URI',
    `cannot use the URI "${uri}": it must be http(s)://<host>[:<port>][/<prefix>]/<instance>, without instance where the server has one only`,
    { uri },
  );

export const noInstanceNamed = (uri: string, instances: readonly string[]) =>
  new FatbuildrError(
    'USAGE.URI',
    `${uri} has several instances, name one of them in the URI: ${instances.join(', ')}`,
    { uri, instances },
  );

export const tokenUnreadable = (file: string, cause: unknown) =>
  new FatbuildrError(
    'TOKENS.UNREADABLE',
    `cannot read the token ${file}: ${messageOf(cause)}`,
    { file },
    { cause },
  );

/** A refusal of the server, in its own words and with what to do about it. */
export function refused(problem: Problem, to: Correspondent): FatbuildrError {
  const { status, detail = `status ${status}`, code = 'HTTP.REFUSED' } = problem;
  const advice = adviceFor(status, to);
  return new FatbuildrError(
    code as FatbuildrError['code'],
    advice === '' ? detail : `${detail}; ${advice}`,
    { status, uri: to.uri },
  );
}

function adviceFor(status: number, { uri, tokenFile, hasToken }: Correspondent): string {
  const another = `ask for one and keep it with: fatbuildrctl tokens save --uri ${uri}`;
  if (status === 401) return `the token is that of ${tokenFile}, ${another}`;
  if (status === 403 && !hasToken) {
    return tokenFile === undefined ? another : `there is no token in ${tokenFile}, ${another}`;
  }
  return '';
}

/** Codes of Node for certificates it does not trust. */
const TLS = /CERT|^UNABLE_TO_|SELF_SIGNED|^ERR_TLS_/;

/** The server did not answer at all, or its answer broke off. */
export function unreachable(thrown: unknown, uri: string): FatbuildrError {
  // fetch says only that it failed, and hands on why.
  const cause = (thrown as { cause?: unknown }).cause ?? thrown;
  const { code = '' } = cause as { code?: string };
  return new FatbuildrError(
    TLS.test(code) || code.startsWith('ERR_SSL_') ? 'HTTP.TLS' : 'HTTP.UNREACHABLE',
    `cannot reach ${uri}: ${reasonOf(code, cause)}`,
    { uri, reason: code },
    { cause: thrown },
  );
}

function reasonOf(code: string, cause: unknown): string {
  if (code === 'ECONNREFUSED') return 'nothing listens there, does fatbuildrweb run?';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'no host of that name is known';
  if (code.startsWith('ERR_SSL_')) return 'it does not speak TLS there, is it http:// perhaps?';
  if (TLS.test(code)) {
    return `its certificate is not trusted (${messageOf(cause)}); NODE_EXTRA_CA_CERTS may name a file with that of its authority`;
  }
  return messageOf(cause) || code || 'no reason is known';
}

/** Something answers, but not the API. */
export const notTheApi = (uri: string, status: number) =>
  new FatbuildrError(
    'HTTP.NOT_THE_API',
    `what answers at ${uri} is not the API of Fatbuildr (status ${status}): is it another server, or another version?`,
    { uri, status },
  );

export const streamBroken = (id: string, uri: string) =>
  new FatbuildrError(
    'TASK.JOURNAL_INCOMPLETE',
    `the journal of task ${id} ends without its last record, see ${uri}`,
    { id, uri },
  );
