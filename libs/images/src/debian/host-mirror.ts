import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '@fatbuildr/errors';
import { run } from '@fatbuildr/processes';
import {
  chooseMirror,
  keptSettings,
  parseDeb822Sources,
  parseOneLineSources,
  parseOsRelease,
  type ConfiguredSource,
  type Mirror,
} from './apt-configuration';
import { noHostMirror } from '../making.errors';

const APT = '/etc/apt';

/** What the host's APT knows that containers need to reach its mirror. */
export interface HostApt {
  /** `ID` of the host, `debian`. */
  distribution: string;
  /** `VERSION_CODENAME` of the host. */
  release: string;
  mirror: Mirror;
  /** Lines of an apt.conf: proxy and the like. */
  settings: readonly string[];
}

/** @throws FatbuildrError `IMAGES.NO_HOST_MIRROR` when the host's APT names no mirror of its own release */
export async function readHostApt(): Promise<HostApt> {
  const os = parseOsRelease(await readFile('/etc/os-release', 'utf8'));
  const release = os.get('VERSION_CODENAME') ?? '';
  const distribution = os.get('ID') ?? '';
  const mirror = chooseMirror(await configuredSources(), release, distribution);
  if (release === '' || !mirror) throw noHostMirror(os.get('PRETTY_NAME') ?? 'this host', release);
  return { distribution, release, mirror, settings: await hostAptSettings() };
}

/** Proxy settings and the like; none on hosts without APT. */
export async function hostAptSettings(): Promise<string[]> {
  try {
    return keptSettings((await run(['apt-config', 'dump'])).stdout.toString('utf8'));
  } catch (fault) {
    if ((fault as { code?: string }).code === 'PROCESS.MISSING') return [];
    throw fault;
  }
}

async function configuredSources(): Promise<ConfiguredSource[]> {
  const parts = (await list(join(APT, 'sources.list.d'))).map((name) =>
    join(APT, 'sources.list.d', name),
  );
  const sources: ConfiguredSource[] = [];
  for (const path of [join(APT, 'sources.list'), ...parts]) {
    const parse = path.endsWith('.sources') ? parseDeb822Sources : parseOneLineSources;
    // APT itself reads no other names.
    if (!/\.(?:list|sources)$/.test(path)) continue;
    try {
      sources.push(...parse(await readFile(path, 'utf8')));
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code !== 'ENOENT') {
        throw new Error(`${path}: ${messageOf(fault)}`, { cause: fault });
      }
    }
  }
  return sources;
}

async function list(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw fault;
  }
}
