import { join } from 'node:path';
import type { Settings } from './settings';

/** Where things live below `--home DIR`, which puts everything of an installation under one folder. */
const LAYOUT: Readonly<Record<string, string>> = {
  'dirs.instances': 'etc/instances.d',
  'dirs.registry': 'registry',
  'dirs.cache': 'cache',
  'dirs.tmp': 'tmp',
  'dirs.state': 'state',
  'dirs.run': 'run',
  'web.templates': 'etc/templates',
  'web.policy': 'etc/policy.ini',
  'images.storage': 'images',
  'registry.conf': 'etc/registry',
  'tasks.workspaces': 'workspaces',
  'keyring.storage': 'keyring',
  'tokens.storage': 'tokens',
};

/** The site file of a home. */
export function homeSiteFile(home: string): string {
  return join(home, 'etc/fatbuildr.ini');
}

/** Lays a home over the vendor's defaults; the site file and the environment still overrule it. */
export function readHome(home: string, settings: Settings): void {
  for (const [name, place] of Object.entries(LAYOUT)) {
    settings.set(name, { value: join(home, place), origin: '--home', base: undefined });
  }
  settings.set('daemon.bus', { value: 'private', origin: '--home', base: undefined });
}
