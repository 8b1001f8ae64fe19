import type { Configuration } from '@fatbuildr/config';
import { FatbuildrError } from '@fatbuildr/errors';
import type { Instance } from '@fatbuildr/instances';

/** `[web] instance` of a server for every instance; any other value is the id of the one it serves. */
export const ALL_INSTANCES = 'all';

/** First parts of paths that an instance of that id would hide, or be hidden by. */
const RESERVED = new Set(['api', 'board', 'healthz', 'readyz', 'metrics', 'static', 'version']);

/**
 * The instances the server serves.
 *
 * @throws FatbuildrError `WEB.INSTANCE` for an id that does not exist, or that is part of our own paths;
 * `WEB.PREFIX` for a prefix that cannot be told from them
 */
export function servedInstances(
  instances: readonly Instance[],
  { instance: wanted, prefix }: Pick<Configuration['web'], 'instance' | 'prefix'>,
): readonly Instance[] {
  const [, first = ''] = prefix.split('/');
  if (RESERVED.has(first) || instances.some(({ id }) => id === first)) {
    throw new FatbuildrError(
      'WEB.PREFIX',
      `[web] prefix is "${prefix}", but paths of ours start with "/${first}" already; take another one`,
      { prefix },
    );
  }
  if (wanted === ALL_INSTANCES) {
    const hidden = instances.find(({ id }) => RESERVED.has(id));
    if (hidden === undefined) return instances;
    throw new FatbuildrError(
      'WEB.INSTANCE',
      `the instance "${hidden.id}" has the name of a path of ours; serve it alone ([web] instance), or rename it`,
      { instance: hidden.id },
    );
  }
  const one = instances.filter(({ id }) => id === wanted);
  if (one.length > 0) return one;
  throw new FatbuildrError(
    'WEB.INSTANCE',
    `[web] instance is "${wanted}", it is "${ALL_INSTANCES}" or one of: ${instances.map(({ id }) => id).join(', ')}`,
    { instance: wanted },
  );
}
