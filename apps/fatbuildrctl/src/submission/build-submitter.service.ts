import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import type { FatbuildrClient, SourceArchive } from '@fatbuildr/protocol';
import { ConnectionService } from '../connection/connection.service';
import type { Preferences } from '../connection/preferences';
import { ENVIRONMENT, type ProgramEnvironment } from '../program-environment';
import type { TaskRequest } from '../tasks/task-submitter.service';
import { Terminal } from '../terminal/terminal';
import { chooseAuthor, gitConfiguration, type Author } from './author';
import { deduceTarget, type BuildTarget } from './build-target';
import { editMessage } from './message';
import { noMessage } from './submission.errors';

/** What the user asked to have built; what is absent is deduced. */
export interface BuildRequest {
  artifact: string;
  distribution?: string;
  format?: string;
  derivative: string;
  basedir?: string;
  subdir?: string;
  /** Local sources, `[SOURCE_ID#][VERSION@]DIR`. */
  sources: readonly string[];
  includeUntracked: boolean;
  author: Partial<Author>;
  message?: string;
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
    const { cwd } = this.environment;
    const folder = resolve(
      cwd,
      request.basedir ?? preferences.basedir ?? '.',
      request.subdir ?? artifact,
    );
    // Loaded here: no other command needs it.
    const { loadDefinition, parseLocalSource } = await import('@fatbuildr/artifacts');
    const definition = await loadDefinition(folder, artifact);
    for (const warning of definition.warnings) this.terminal.say(`${folder}: ${warning}`);
    const locals = request.sources.map((text) => parseLocalSource(text, definition, derivative));
    const target = await deduceTarget({ ...request, definedFormats: definition.formats }, client);
    const author = await chooseAuthor(request.author, preferences, gitConfiguration(cwd));
    const message = await this.message(request, preferences);
    return {
      title: `build of ${artifact} for ${target.format} ${target.distribution} ${derivative}`,
      submit: () => this.submit(client, request, { folder, target, author, message }),
    };
  }

  private async submit(
    client: FatbuildrClient,
    request: BuildRequest,
    complete: { folder: string; target: BuildTarget; author: Author; message: string },
  ): Promise<string> {
    const { folder, target, author, message } = complete;
    const uploads: string[] = [];
    const upload = async (filename: string) => {
      const path = await client.uploadPath(filename);
      uploads.push(path);
      return path;
    };
    try {
      return await client.build({
        ...target,
        architectures: [],
        derivative: request.derivative,
        artifact: request.artifact,
        author: author.name,
        email: author.email,
        message,
        tarball: '',
        sources: [],
        interactive: false,
      });
    } catch (fault) {
      // Accepted uploads are the daemon's; these stayed ours.
      for (const path of uploads) await rm(path, { force: true });
      throw fault;
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
