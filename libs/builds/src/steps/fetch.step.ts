import { Inject, Injectable } from '@nestjs/common';
import { placeSupplements, SourceCache } from '@fatbuildr/artifacts';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import type { BuildContext } from '../build-context';
import type { BuildSource } from '../format-builder.port';
import type { BuildPlan } from './define.step';

/** Brings each source into the cache, verified; those handed over with the request are here already. */
@Injectable()
export class FetchStep {
  private readonly cache: SourceCache;

  constructor(@Inject(CONFIGURATION) { dirs, sources }: Configuration) {
    this.cache = new SourceCache(dirs.cache, sources);
  }

  async run({ task, request }: BuildContext, { sources }: BuildPlan): Promise<BuildSource[]> {
    const fetched: BuildSource[] = [];
    for (const source of sources) {
      if ('archive' in source) fetched.push(source);
      else {
        const archive = await this.cache.fetch(
          { artifact: request.artifact, source },
          { signal: task.signal, log: (message) => task.journal.log('info', message) },
        );
        fetched.push({ id: source.id, version: source.version, archive });
      }
    }
    return placeSupplements(fetched);
  }
}
