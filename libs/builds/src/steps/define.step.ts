import { basename } from 'node:path';
import { Injectable } from '@nestjs/common';
import {
  ArtifactVersion,
  chosenSources,
  loadDefinition,
  type ArtifactDefinition,
  type DefinedSource,
} from '@fatbuildr/artifacts';
import { KeyringService } from '@fatbuildr/keyring';
import type { ChangelogEntry } from '@fatbuildr/protocol';
import { RegistriesService } from '@fatbuildr/registries';
import type { BuildContext } from '../build-context';
import { badArchiveName, repeatedSource, takesNoSource, undeclaredSource } from '../builds.errors';
import type { BuildSource } from '../format-builder.port';
import { FormatBuilders } from '../format-builders';

/** What is to be built, all of it declared and checked. */
export interface BuildPlan {
  definition: ArtifactDefinition;
  version: ArtifactVersion;
  /** To be fetched, or handed over with the request, the main one first; none for a format that takes none. */
  sources: readonly (DefinedSource | BuildSource)[];
  /** Newest first: the entry of this build, then those of what is published. */
  changelog: ChangelogEntry[];
}

/** Loads the definition and settles version and changelog; refuses what is not declared. */
@Injectable()
export class DefineStep {
  constructor(
    private readonly builders: FormatBuilders,
    private readonly registries: RegistriesService,
    private readonly keyring: KeyringService,
  ) {}

  async run(context: BuildContext): Promise<BuildPlan> {
    const { instance, request, pipeline, place, task, folders } = context;
    const { artifact, format, derivative } = request;
    // Without a key the result could not be published: say so before the build, not after it.
    await this.keyring.describe(instance);
    const definition = await loadDefinition(
      folders.definition,
      artifact,
      this.builders.definitionRules,
    );
    for (const warning of definition.warnings) task.journal.log('warning', warning);

    const sources =
      this.builders.of(format).takesSources === false
        ? refuseArchives(context)
        : await chooseSources(context, definition);
    const declared = ArtifactVersion.of({
      main: sources[0]?.version ?? definition.version(derivative),
      release: definition.release(format),
      dist: pipeline.tag,
    });
    const published = await this.registries.publishedVersions(instance, place, artifact);
    const version = declared.nextBuild(
      published.map((text) => ArtifactVersion.parse(text, pipeline.tag)),
    );
    const changelog = await this.registries.latestChangelog(instance, place, artifact);
    task.journal.log('info', `Building ${artifact} ${version.full} (${derivative})`);
    return {
      definition,
      version,
      sources,
      changelog: [newEntry(context, version, changelog[0]), ...changelog],
    };
  }
}

/** What is handed over must not be ignored in silence. */
function refuseArchives({ request: { format, archives } }: BuildContext): [] {
  const [archive] = archives;
  if (archive !== undefined) throw takesNoSource(format, archive.id);
  return [];
}

/** An archive handed over with the request comes before the one the definition declares. */
async function chooseSources(
  { request, task }: BuildContext,
  definition: ArtifactDefinition,
): Promise<(DefinedSource | BuildSource)[]> {
  const { artifact, derivative, archives } = request;
  const ids = definition.sourceIds;
  const local = new Map<string, BuildSource>();
  for (const { id, path } of archives) {
    if (!ids.includes(id)) throw undeclaredSource(id, artifact, ids);
    if (local.has(id)) throw repeatedSource(id);
    task.journal.log('info', `Using the submitted archive ${basename(path)}`);
    local.set(id, { id, version: versionOfArchive(path, id), archive: path });
  }
  return chosenSources(definition, derivative, local);
}

function versionOfArchive(path: string, id: string): string {
  const name = basename(path);
  const match = name.startsWith(`${id}_`)
    ? /^(.+)\.tar(\.\w+)?$/.exec(name.slice(id.length + 1))
    : null;
  if (match === null) throw badArchiveName(name, id);
  return match[1]!;
}

/** The same for every build of the same request, so that what is built is the same, too. */
function newEntry(
  { request, instance, task }: BuildContext,
  version: ArtifactVersion,
  last: ChangelogEntry | undefined,
): ChangelogEntry {
  const { author, email, message, entry } = request;
  const { task: id, submitted } = entry ?? { task: task.task.id, submitted: task.task.submitted };
  return {
    version: version.full,
    author: `${author} <${email}>`,
    // A retry of something old comes on top of what was published since; rpmbuild refuses a disorder.
    date: Math.max(Math.floor(submitted / 1000), last?.date ?? 0),
    changes: [message.trim(), `Built by task ${id} of instance ${instance.name}`].filter(Boolean),
  };
}
