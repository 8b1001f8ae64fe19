import { basename } from 'node:path';
import { unplacedSource } from './artifacts.errors';
import type { Patch } from './patches';

/** An upstream archive that is here. */
export interface PlacedSource {
  id: string;
  /** Absolute path. */
  archive: string;
  /** Of a supplementary source: its place in the tree of the main one, a single path component. */
  folder?: string;
}

/**
 * Gives every source but the first its folder in the tree of the first.
 *
 * @throws FatbuildrError `SOURCE.UNPLACED`
 */
export function placeSupplements<Source extends PlacedSource>(
  sources: readonly Source[],
): (Source & PlacedSource)[] {
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
export function linkPatch(sources: readonly PlacedSource[]): Patch | undefined {
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

/** By the name of its archive: `bar-baz_4.5.6.zip` gives `bar-baz456`. */
export function supplementFolder(archive: string): string {
  const name = basename(archive).replace(/(?:\.tar\.[a-z0-9]+|\.[a-z][a-z0-9]*)$/i, '');
  return name.replace(/[^A-Za-z0-9-]/g, '');
}
