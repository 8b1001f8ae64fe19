import { resolve } from 'node:path';
import type { Bus } from '@fatbuildr/protocol-dbus';
import { homeAndServer, unusableUri } from './connection.errors';

/** Which daemon and which of its instances the program talks to. */
export interface BusTarget {
  bus: Bus;
  instance: string;
}

/** The daemon itself, or a server in front of it: `http(s)://host[:port]/<instance>`. */
export type Target = BusTarget | { uri: string };

const DEFAULT_URI = 'dbus://system/default';
const DBUS_URI = /^dbus:\/\/(system|session)\/([A-Za-z0-9_][A-Za-z0-9_-]*)$/;

/** @param origin where the URI was given, for the message of a fault */
export function parseUri(uri: string, origin: string): Target {
  if (/^https?:\/\//.test(uri)) return { uri };
  const [, bus, instance] = DBUS_URI.exec(uri) ?? [];
  if (instance === undefined) throw unusableUri(uri, origin);
  return { bus: { kind: bus === 'session' ? 'session' : 'system' }, instance };
}

/**
 * The first of option, `$FATBUILDR_URI`, preferences and `dbus://system/default`. A home
 * (option, `$FATBUILDR_HOME`) decides the bus; the URI then only names the instance. A server is no bus:
 * it wins over the variable, and is a contradiction to the option.
 *
 * @throws FatbuildrError `USAGE.URI`
 */
export function chooseTarget(
  options: { uri?: string; home?: string },
  env: Readonly<NodeJS.ProcessEnv>,
  preferences: { uri?: string; file: string },
  cwd: string,
): Target {
  const named = [
    { uri: options.uri, origin: 'option --uri' },
    { uri: env.FATBUILDR_URI, origin: '$FATBUILDR_URI' },
    { uri: preferences.uri, origin: preferences.file },
  ].find(({ uri }) => uri !== undefined && uri !== '');
  const target = parseUri(named?.uri ?? DEFAULT_URI, named?.origin ?? 'default');
  if ('uri' in target) {
    if (options.home !== undefined) throw homeAndServer(target.uri);
    return target;
  }
  const home = options.home ?? env.FATBUILDR_HOME;
  return home
    ? { bus: { kind: 'home', home: resolve(cwd, home) }, instance: target.instance }
    : target;
}
