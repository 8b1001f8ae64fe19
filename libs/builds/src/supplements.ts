import { basename } from 'node:path';
import { supplementFolder } from '@fatbuildr/artifacts';
import { unplacedSource } from './builds.errors';
import type { BuildPatch, BuildSource } from './format-builder.port';

/**
 * Gives every source but the first its folder in the tree of the first.
 *
 * @throws FatbuildrError `BUILDS.UNPLACED_SOURCE`
 */
export function placeSupplements(sources: readonly BuildSource[]): BuildSource[] {
  const taken = new Map<string, string>();
  return sources.map((source, index) => {
    if (index === 0) return source;
    const { id, archive } = source;
    const folder = supplementFolder(archive);
    const name = basename(archive);
    if (!/^[A-Za-z0-9]/.test(folder)) throw unplacedSource(id, name, 'nothing is left of it');
    const other = taken.get(folder);
    if (other !== undefined) {
      throw unplacedSource(id, name, `source "${other}" has the folder ${folder} already`);
    }
    taken.set(folder, id);
    return { ...source, folder };
  });
}

/**
 * The patch that lets packaging name supplementary sources by their ids, whatever their versions: a symlink
 * from each id to the folder, as Git writes them, which GNU patch understands.
 */
export function linkPatch(sources: readonly BuildSource[]): BuildPatch | undefined {
  const links = sources.filter(({ id, folder }) => folder !== undefined && folder !== id);
  if (links.length === 0) return undefined;
  const header =
    'Description: Names of supplementary sources, by their ids\nForwarded: not-needed\n';
  const diffs = links.map(
    ({ id, folder }) => `
diff --git a/${id} b/${id}
new file mode 120000
--- /dev/null
+++ b/${id}
@@ -0,0 +1 @@
+${folder}
\\ No newline at end of file
`,
  );
  return {
    name: 'fatbuildr-supplementary-sources.patch',
    content: Buffer.from(header + diffs.join('')),
  };
}
