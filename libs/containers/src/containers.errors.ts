import { FatbuildrError, messageOf } from '@fatbuildr/errors';

export function engineUnreachable(tried: readonly string[]): FatbuildrError {
  return new FatbuildrError(
    'CONTAINERS.UNREACHABLE',
    `no container engine answers (tried ${tried.join('; ')}); install podman, start an engine, or name its socket in [containers] engine`,
    { tried },
  );
}

export function engineGone(endpoint: string, cause: unknown): FatbuildrError {
  return new FatbuildrError(
    'CONTAINERS.UNREACHABLE',
    `the container engine at ${endpoint} no longer answers: ${messageOf(cause)}`,
    { endpoint },
    { cause },
  );
}

export function unsupportedEndpoint(endpoint: string, where: string): FatbuildrError {
  return new FatbuildrError(
    'CONTAINERS.UNSUPPORTED_ENDPOINT',
    `${where} names the container engine "${endpoint}": expected "auto", an absolute socket path, unix://PATH, tcp://HOST:PORT, http:// or https://`,
    { endpoint, where },
  );
}

export function imageMissing(image: string, cause?: unknown): FatbuildrError {
  return new FatbuildrError(
    'CONTAINERS.IMAGE_MISSING',
    `the container engine has no image "${image}"`,
    { image },
    { cause },
  );
}

export function engineFailed(what: string, cause: unknown): FatbuildrError {
  return new FatbuildrError(
    'CONTAINERS.FAILED',
    `the container engine could not ${what}: ${engineWords(cause)}`,
    { what },
    { cause },
  );
}

export function commandTimeout(argv: readonly string[], milliseconds: number): FatbuildrError {
  return new FatbuildrError(
    'CONTAINERS.TIMEOUT',
    `"${argv[0]}" ran longer than ${Math.round(milliseconds / 1000)} seconds in its container and was killed`,
    { argv, milliseconds },
  );
}

/** What the engine said, without the client library's wrapping. */
function engineWords(cause: unknown): string {
  return messageOf(cause)
    .replace(/^\(HTTP code \d+\) [a-z -]+ - /, '')
    .trim();
}
