import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderText } from '@fatbuildr/artifacts';
import type { PackagingRequest } from '@fatbuildr/builds';
import { badSpec, missingSpec } from './builder.errors';
import { formatChangelog } from './changelog';

/** Files of a source package, by their names in SOURCES, in the order of their numbers. */
export interface SpecFiles {
  sources: readonly string[];
  patches: readonly string[];
}

/** The folder all sources unpack to. */
export const sourceFolder = ({
  artifact,
  version,
}: Pick<PackagingRequest, 'artifact' | 'version'>) => `${artifact}-${version.upstream}`;

/**
 * The spec of a build, rendered; with a `%changelog` where it has none.
 *
 * @throws FatbuildrError `RPM.MISSING_SPEC`, `RPM.BAD_SPEC`, `ARTIFACT.TEMPLATE` with file and line
 */
export async function renderSpec(request: PackagingRequest, files: SpecFiles): Promise<string> {
  const { artifact, packaging } = request;
  const name = `${artifact}.spec`;
  const template = await readFile(join(packaging, name), 'utf8').catch(
    (fault: NodeJS.ErrnoException) => {
      if (fault.code === 'ENOENT') throw missingSpec(artifact);
      throw fault;
    },
  );
  const variables = specVariables(request, files);
  const spec = await renderText(template, variables, { name: `rpm/${name}`, folder: packaging });
  checkName(spec, artifact);
  return /^%changelog\b/m.test(spec)
    ? spec
    : `${spec.trimEnd()}\n\n%changelog\n${variables.changelog}`;
}

/** The variables of spec templates. */
function specVariables(request: PackagingRequest, { sources, patches }: SpecFiles) {
  const { artifact, derivative, pipeline, version, changelog } = request;
  const declared = sources.map((file, index) => `Source${index}: ${file}`).join('\n');
  // Unpacked where the main source is, each in its folder (rpm.org, spec file format: %setup -a).
  const supplements = request.sources.slice(1).map((_, index) => ` -a ${index + 1}`);
  const prepSources = `%setup -q -n ${sourceFolder(request)}${supplements.join('')}`;
  // It would complain when there is nothing to apply.
  const prepPatches = patches.length > 0 ? '%autopatch -p1' : '';
  return {
    pkg: { name: artifact, derivative, distribution: pipeline.distribution },
    version: version.forTemplates(),
    release: version.fullrelease,
    sources: declared,
    source: declared,
    prep_sources: prepSources,
    patches: patches.map((file, index) => `Patch${index}: ${file}`).join('\n'),
    prep_patches: prepPatches,
    prep: [prepSources, prepPatches].filter(Boolean).join('\n'),
    changelog: formatChangelog(changelog),
  };
}

function checkName(spec: string, artifact: string): void {
  const name = /^Name[ \t]*:[ \t]*(\S+)/im.exec(spec)?.[1];
  if (name === undefined) throw badSpec(artifact, 'it has no Name');
  // What macros make of it is told by the source package.
  if (!name.includes('%') && name !== artifact) throw otherName(artifact, name);
}

export const otherName = (artifact: string, name: string) =>
  badSpec(artifact, `Name is "${name}", but the artifact is named "${artifact}"`);
