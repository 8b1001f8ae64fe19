import { FatbuildrError, messageOf } from '@fatbuildr/errors';

export function preferencesUnreadable(file: string, cause: unknown): FatbuildrError {
  return new FatbuildrError(
    'PREFERENCES.UNREADABLE',
    `cannot read the preferences ${file}: ${messageOf(cause)}`,
    { file },
    { cause },
  );
}

export function preferencesNotText(file: string, section: string, key: string): FatbuildrError {
  return new FatbuildrError(
    'PREFERENCES.WRONG_VALUE',
    `${file}: [${section}] ${key}: expected text`,
    { file, section, key },
  );
}

export function unusableUri(uri: string, origin: string): FatbuildrError {
  return new FatbuildrError(
    'USAGE.URI',
    `cannot use the URI "${uri}" (${origin}): it must be dbus://system/<instance>, dbus://session/<instance> or http(s)://<host>[:<port>][/<prefix>]/<instance>`,
    { uri, origin },
  );
}

export function homeAndServer(uri: string): FatbuildrError {
  return new FatbuildrError(
    'USAGE.URI',
    `--home talks to a daemon of this host, the URI "${uri}" to a server: give one of them`,
    { uri },
  );
}

export const noToken = () =>
  new FatbuildrError(
    'TOKENS.NONE',
    'what was given is no token: write the one that "fatbuildrctl tokens generate" printed to standard input',
  );
