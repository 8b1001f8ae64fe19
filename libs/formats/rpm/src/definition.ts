import type { FormatDefinition } from '@fatbuildr/builds';
import { buildargs } from './builder/buildargs';
import { furtherSources } from './builder/further-sources';
import { renderSpec, sourceFolder } from './builder/spec-file';
import { skeleton } from './skeleton';

/** What definitions say for RPM packages. */
export const RPM_DEFINITION: FormatDefinition = {
  name: 'rpm',
  parameters: ['buildargs'],
  checks: [
    ({ parameters, artifact }) => buildargs(parameters, artifact),
    furtherSources,
    async (request) => {
      // The names of packed archives depend on what is in them; here any will do.
      const archives = request.sources.map(
        ({ folder = sourceFolder(request) }) => `${folder}.tar.gz`,
      );
      // What is wrong with the files beside it is told above.
      const files = await furtherSources(request).catch(() => []);
      const patches = request.patches.map(({ name }) => name);
      return renderSpec(request, { sources: [...archives, ...files], patches });
    },
  ],
  skeleton,
};
