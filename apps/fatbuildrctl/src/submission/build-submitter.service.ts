import { chmod } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import type { FatbuildrClient, SourceArchive } from '@fatbuildr/protocol';
import type { LocalSource } from '@fatbuildr/artifacts';
import { ConnectionService } from '../connection/connection.service';
import type { Preferences } from '../connection/preferences';
import { ENVIRONMENT, type ProgramEnvironment } from '../program-environment';
import { Interrupted } from '../tasks/interrupted';
import type { TaskRequest } from '../tasks/task-submitter.service';
import { Terminal } from '../terminal/terminal';
import { chooseAuthor, gitConfiguration, type Author } from './author';
import { deduceTarget, type BuildTarget } from './build-target';
import { LEFT_OUT, openDefinition, type DefinitionRequest } from './local-definition';
import { LockUpdate } from './lock-update';
import { editMessage } from './message';
import { noMessage } from './submission.errors';

/** What the user asked to have built; what is absent is deduced. */
export interface BuildRequest extends DefinitionRequest {
  distribution?: string;
  format?: string;
  includeUntracked: boolean;
  author: Partial<Author>;
  message?: string;
  /** Whether a shell opens where the build fails. */
  interactive: boolean;
  /** For how long the container is kept when the build fails, as `2h`. */
  keepFailed?: string;
  /** Whether the lock of the prescript is written anew, by what the build fetches. */
  updateLock: boolean;
}

/** What is known when nothing is missing any more. */
interface CompleteBuild {
  folder: string;
  sources: readonly LocalSource[];
  target: BuildTarget;
  author: Author;
  message: string;
}

/** Turns a definition folder into a build: completes the request, packs what is local, submits. */
@Injectable()
export class BuildSubmitter {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(Terminal) private readonly terminal: Terminal,
    @Inject(ENVIRONMENT) private readonly environment: ProgramEnvironment,
  ) {}

  /** Refuses early what cannot be built; nothing is packed or sent before `submit` is called. */
  async prepare(client: FatbuildrClient, request: BuildRequest): Promise<TaskRequest> {
    const { artifact, derivative } = request;
    const preferences = await this.connection.preferences();
    const { cwd, env } = this.environment;
    const say = (line: string) => this.terminal.say(line);
    const { folder, definition, sources } = await openDefinition(request, cwd, preferences, say);
    const lock = request.updateLock ? await LockUpdate.prepare(folder) : undefined;
    const target = await deduceTarget({ ...request, definedFormats: definition.formats }, client);
    const author = await chooseAuthor(request.author, preferences, gitConfiguration(cwd, env));
    const message = await this.message(request, preferences);
    return {
      title: `build of ${artifact} for ${target.format} ${target.distribution} ${derivative}`,
      submit: () => this.submit(client, request, { folder, sources, target, author, message }),
      finish: lock && (async (id) => this.terminal.say(await lock.finish(client, id))),
    };
  }

  private async submit(
    client: FatbuildrClient,
    { artifact, derivative, includeUntracked, interactive, keepFailed, updateLock }: BuildRequest,
    { folder, sources, target, author, message }: CompleteBuild,
  ): Promise<string> {
    const { packDefinition, packLocalSource, PRESCRIPT_LOCK } =
      await import('@fatbuildr/artifacts');
    const interruption = new AbortController();
    const release = this.environment.onInterrupt(() => interruption.abort());
    const { signal } = interruption;
    try {
      const tarball = await client.uploadPath(`${artifact}.tar.gz`);
      // Without a lock everything may be fetched.
      const exclude = updateLock ? [PRESCRIPT_LOCK] : [];
      await packDefinition(folder, tarball, { exclude, signal });
      const archives: SourceArchive[] = [];
      for (const source of sources) {
        const { id, version } = source;
        this.terminal.say(`Packing ${source.folder} as source ${id} ${version}`);
        // The name tells the daemon the version.
        const path = await client.uploadPath(`${id}_${version}.tar.xz`);
        const options = { into: dirname(path), exclude: LEFT_OUT, includeUntracked, signal };
        archives.push({ id, path: await packLocalSource(source, options) });
      }
      for (const path of [tarball, ...archives.map((archive) => archive.path)]) {
        await chmod(path, 0o600);
      }
      const id = await client.build({
        ...target,
        architectures: [],
        derivative,
        artifact,
        author: author.name,
        email: author.email,
        message,
        tarball,
        sources: archives,
        interactive,
        ...(keepFailed === undefined ? {} : { keep_failed: keepFailed }),
      });
      if (signal.aborted) throw Interrupted.following(id);
      return id;
    } catch (fault) {
      throw signal.aborted && !(fault instanceof Interrupted)
        ? new Interrupted('interrupted, nothing is submitted')
        : fault;
    } finally {
      release();
    }
  }

  private async message(request: BuildRequest, preferences: Preferences): Promise<string> {
    const given = request.message ?? preferences.message;
    if (given !== undefined && given.trim() !== '') return given;
    const { env } = this.environment;
    const editor = env.VISUAL || env.EDITOR;
    if (!editor || !this.terminal.interactive) throw noMessage(preferences.file);
    return editMessage(editor, request.artifact);
  }
}
