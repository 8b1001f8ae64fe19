import { access, mkdtemp } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import type { PatchQueue, QueueChange } from '@fatbuildr/patch-queue';
import { interact, removeTree } from '@fatbuildr/processes';
import { ConnectionService } from '../connection/connection.service';
import type { Preferences } from '../connection/preferences';
import { ENVIRONMENT, type ProgramEnvironment } from '../program-environment';
import { chooseAuthor, gitConfiguration, type Author } from '../submission/author';
import { openDefinition, type DefinitionRequest } from '../submission/local-definition';
import { Interrupted } from '../tasks/interrupted';
import { Terminal } from '../terminal/terminal';
import { kept, noCommitTemplate, otherArtifact, shellFailed, shellKilled } from './patches.errors';
import { plainShell, promptingShell } from './subshell';
import { makeUpstreamTree, sourceCacheFolder } from './upstream-tree';

export interface PatchesRequest extends DefinitionRequest {
  includeUntracked: boolean;
  author: Partial<Author>;
  /** A repository that was left with work in it. */
  resume?: string;
}

/** What came of a queue. */
export interface PatchesResult {
  artifact: string;
  version: string;
  changes: QueueChange[];
}

/** The name of the folder that holds repository and all else. */
const PREFIX = 'fatbuildr-patches-';

/** Lets people work on the patches of an artifact with Git. Nothing of it needs a daemon. */
@Injectable()
export class PatchesService {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(Terminal) private readonly terminal: Terminal,
    @Inject(ENVIRONMENT) private readonly environment: ProgramEnvironment,
  ) {}

  async edit(request: PatchesRequest): Promise<PatchesResult> {
    const { exportQueue } = await import('@fatbuildr/patch-queue');
    const queue = await (request.resume === undefined
      ? this.create(request)
      : this.resume(request.artifact, request.resume));
    const { artifact, version } = queue.state;
    try {
      await this.openShell(queue);
      const changes = await exportQueue(queue);
      await removeTree(placeOf(queue));
      return { artifact, version, changes };
    } catch (fault) {
      throw kept(artifact, queue.folder, fault);
    }
  }

  private async create(request: PatchesRequest): Promise<PatchQueue> {
    const { artifact, derivative, includeUntracked } = request;
    const { cwd, env } = this.environment;
    const preferences = await this.connection.preferences();
    const say = (line: string) => this.terminal.say(line);
    const local = await openDefinition(request, cwd, preferences, say);
    const { definition, folder } = local;
    const person = await chooseAuthor(request.author, preferences, gitConfiguration(cwd, env));
    const commitTemplate = await this.commitTemplate(preferences);
    const { ArtifactVersion, otherVersions } = await import('@fatbuildr/artifacts');
    const { PatchQueue } = await import('@fatbuildr/patch-queue');

    const [mainId] = definition.sourceIds;
    const main =
      local.sources.find(({ id }) => id === mainId)?.version ?? definition.version(derivative);
    // Of what a template may ask for, release and tag depend on where it is built.
    const [format] = definition.formats;
    const release = format === undefined ? undefined : definition.formatParameters(format).release;
    const version = ArtifactVersion.of({
      main,
      release: typeof release === 'string' ? release : '1',
    });
    const others = await otherVersions(folder, main);
    if (others.length > 0) {
      say(`No patch is for version ${main}, there are some for: ${others.join(', ')}`);
    }

    const interruption = new AbortController();
    const { signal } = interruption;
    const freed = this.environment.onInterrupt(() => interruption.abort());
    const parent = await mkdtemp(join(tmpdir(), PREFIX));
    try {
      const tree = await makeUpstreamTree(
        {
          ...{ ...local, derivative, includeUntracked, parent },
          ...{ cache: sourceCacheFolder(env), name: `${artifact}-${version.upstream}` },
        },
        { signal, log: say },
      );
      const queue = await PatchQueue.create(
        tree,
        {
          ...{ artifact, definition: folder, version: main, person, commitTemplate },
          variables: { version: version.forTemplates() },
        },
        say,
      );
      signal.throwIfAborted();
      return queue;
    } catch (fault) {
      await removeTree(parent);
      throw signal.aborted ? new Interrupted('interrupted, nothing was changed') : fault;
    } finally {
      freed();
    }
  }

  private async resume(artifact: string, folder: string): Promise<PatchQueue> {
    const { PatchQueue } = await import('@fatbuildr/patch-queue');
    const queue = await PatchQueue.open(resolve(this.environment.cwd, folder));
    const found = queue.state.artifact;
    if (found !== artifact) throw otherArtifact(queue.folder, artifact, found);
    return queue;
  }

  /** Git's own way with a relative path would be the work tree. */
  private async commitTemplate({ commitTemplate, file }: Preferences): Promise<string | undefined> {
    if (commitTemplate === undefined) return undefined;
    const home = this.environment.env.HOME || homedir();
    const path = resolve(dirname(file), commitTemplate.replace(/^~(?=\/)/, home));
    await access(path).catch(() => {
      throw noCommitTemplate(file, path);
    });
    return path;
  }

  /** @throws FatbuildrError `PATCHES.SHELL_KILLED`, `PATCHES.SHELL_FAILED` */
  private async openShell(queue: PatchQueue): Promise<void> {
    const { folder, state } = queue;
    const { LOCAL_VARIABLES } = await import('@fatbuildr/patch-queue');
    this.introduce(queue);
    const plain = plainShell(this.environment.env, folder, LOCAL_VARIABLES);
    const isTyped = this.terminal.input.isTTY === true;
    const label = `${state.artifact} ${state.version} patches`;
    const { argv, env } = isTyped
      ? await promptingShell(plain, label, join(folder, '.git', 'shell'))
      : plain;
    const release = this.ignoreInterrupts();
    const aside = this.terminal.format !== 'text';
    const status = await interact(argv, { cwd: folder, env, aside }).finally(release);
    if (status === undefined) throw shellKilled();
    // Whoever types ends with the status of the last command, whatever that was.
    if (status !== 0 && !isTyped) throw shellFailed(status);
  }

  private introduce({ folder, state, conflict }: PatchQueue): void {
    const { artifact, version } = state;
    this.terminal.say(
      `The patches of ${artifact} ${version} are the commits on "Upstream sources" in ${folder}. Change them with Git; when you leave the shell, what is committed becomes the patches again.`,
    );
    if (conflict === undefined) return;
    const { path, reason, rejects } = conflict;
    const where =
      rejects.length > 0
        ? `do by hand what ${rejects.join(', ')} could not, and remove that`
        : 'do by hand what "git am --show-current-patch=diff" shows';
    this.terminal.say(
      `${path} does not apply: ${reason}. To mend it ${where}, then run "git add --all" and "git am --continue"; "git am --skip" drops the patch. Those after it follow then.`,
    );
  }

  /** Ctrl-C is for the programs in the shell; what we are told otherwise, the shell is told as well. */
  private ignoreInterrupts(): () => void {
    const releases: (() => void)[] = [];
    const ignore = () => void releases.push(this.environment.onInterrupt(ignore));
    ignore();
    return () => releases.forEach((release) => release());
  }
}

/** What is removed with a queue: all that was made for it. */
function placeOf({ folder }: PatchQueue): string {
  const parent = dirname(folder);
  return basename(parent).startsWith(PREFIX) ? parent : folder;
}
