import { createHash } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import {
  formatCommitMessage,
  GENERIC,
  parsePatchHeader,
  readPatches,
  refreshPatches,
  renderPatch,
  splitPatch,
  type PatchFile,
  type TemplateVariables,
} from '@fatbuildr/artifacts';
import { removeTree, run } from '@fatbuildr/processes';
import { NO_DATE, NOBODY } from './commits';
import { Git, type Person } from './git';
import { writeMail } from './mail';
import { noQueue } from './patch-queue.errors';
import { ATTRIBUTES, COMMIT_TEMPLATE, SETTINGS } from './settings';

/** Tags: what patches are for, and the queue as it was. */
export const UPSTREAM = 'upstream';
const QUEUE = 'queue';
const BRANCH = 'patches';
const STATE = 'fatbuildr.json';

/** What a queue is made of. */
export interface QueueRequest {
  artifact: string;
  /** Folder of the definition. */
  definition: string;
  /** Upstream's version, that of the patches. */
  version: string;
  /** Of patches that are templates. */
  variables: TemplateVariables;
  /** Who works on it. */
  person: Person;
  /** Git's template of commit messages; by default one that tells of the fields. */
  commitTemplate?: string;
}

/** A patch of the definition, and what became of it. */
export interface QueuedPatch {
  place: string;
  name: string;
  title: string;
  isTemplate: boolean;
  /** Of the file. */
  sha256: string;
  /** `undefined`: it did not apply. */
  commit?: string;
  /** It excludes one before it, as they are for other distributions or formats; it stays as it is. */
  isLeftOut?: boolean;
}

/** Kept in the repository, so that it can be gone on with later. */
export interface QueueState extends Omit<QueueRequest, 'commitTemplate'> {
  patches: QueuedPatch[];
}

/** A patch that does not apply, which `git am` waits for. */
export interface Conflict {
  path: string;
  /** Files with hunks that did not fit. */
  rejects: readonly string[];
  /** What Git said of it. */
  reason: string;
}

/** A Git repository of upstream's tree with a commit for each patch of a version. */
export class PatchQueue {
  private constructor(
    readonly git: Git,
    readonly state: QueueState,
    readonly conflict?: Conflict,
  ) {}

  /**
   * Makes the repository of a tree.
   *
   * @param tree upstream's, as it is built; it becomes the work tree
   * @throws FatbuildrError `PROCESS.…`, and what `readPatches` and `renderPatch` throw
   */
  static async create(
    tree: string,
    request: QueueRequest,
    log: (message: string) => void,
  ): Promise<PatchQueue> {
    const { commitTemplate, ...kept } = request;
    const files = await readPatches(request.definition, request.version);
    // Apart until all is applied, as patches may name files of the repository, too.
    const git = new Git(tree, request.person, `${tree}.git`);
    await initialize(git, request, commitTemplate);
    await removeRepositories(tree);
    await commitAll(git, 'Upstream sources', NOBODY, NO_DATE);
    await git.run(['tag', UPSTREAM]);
    const patches: QueuedPatch[] = files.map((file) => ({
      ...{ place: file.place, name: file.name, title: asCommit(file).title },
      ...{ isTemplate: file.header.isTemplate, sha256: digest(file.content) },
    }));
    let pending: PatchFile[] = [];
    for (const [index, file] of files.entries()) {
      const patch = patches[index]!;
      if (await applyPatch(git, request, file, log)) {
        patch.commit = await git.text(['rev-parse', 'HEAD']);
      } else if (excluded(files, patches, index)) {
        patch.isLeftOut = true;
        log(
          `${file.path} stays as it is: it does not apply beside those for other distributions or formats`,
        );
      } else {
        pending = files.slice(index);
        break;
      }
    }
    await git.run(['tag', QUEUE]);
    const state: QueueState = { ...kept, patches };
    await writeFile(join(git.repository, STATE), JSON.stringify(state), { mode: 0o600 });
    const settled = await settle(git, request.person);
    return new PatchQueue(settled, state, await applyRest(settled, request, pending));
  }

  /**
   * Goes on with a repository that was left.
   *
   * @throws FatbuildrError `PATCHES.NO_QUEUE`
   */
  static async open(folder: string): Promise<PatchQueue> {
    const content = await readFile(join(folder, '.git', STATE), 'utf8').catch(() => {
      throw noQueue(folder);
    });
    const state = JSON.parse(content) as QueueState;
    return new PatchQueue(new Git(folder, state.person), state);
  }

  get folder(): string {
    return this.git.folder;
  }
}

/** What Git waits for, in words; `undefined` when it waits for nothing. */
export async function interruptedWork(git: Git): Promise<string | undefined> {
  const names = await readdir(git.repository);
  const signs: Readonly<Record<string, string>> = {
    'rebase-merge': 'a rebase',
    'rebase-apply': 'a rebase or "git am"',
    CHERRY_PICK_HEAD: 'a cherry-pick',
    REVERT_HEAD: 'a revert',
    MERGE_HEAD: 'a merge',
    BISECT_LOG: 'a bisection',
  };
  const sign = Object.keys(signs).find((name) => names.includes(name));
  return sign === undefined ? undefined : signs[sign];
}

export const digest = (content: Buffer) => createHash('sha256').update(content).digest('hex');

/** Upstream's own repositories would run their hooks, or hide their files as submodules. */
async function removeRepositories(tree: string): Promise<void> {
  for (const path of await readdir(tree, { recursive: true })) {
    if (basename(path) === '.git') await removeTree(join(tree, path));
  }
}

async function initialize(
  git: Git,
  { person }: QueueRequest,
  commitTemplate = join(git.folder, '.git', COMMIT_TEMPLATE.name),
): Promise<void> {
  await git.run(['init', '--quiet', '--template=', `--initial-branch=${BRANCH}`]);
  await appendFile(join(git.repository, 'config'), SETTINGS);
  await git.run(['config', 'user.name', person.name]);
  await git.run(['config', 'user.email', person.email]);
  await git.run(['config', 'commit.template', commitTemplate]);
  await writeFile(join(git.repository, COMMIT_TEMPLATE.name), COMMIT_TEMPLATE.text);
  await mkdir(join(git.repository, 'info'), { recursive: true });
  await writeFile(join(git.repository, 'info', 'attributes'), ATTRIBUTES);
}

/** Puts the repository where it belongs. */
async function settle(git: Git, person: Person): Promise<Git> {
  await git.run(['config', '--unset-all', 'core.worktree'], { accept: [0, 5] });
  await removeRepositories(git.folder);
  const settled = new Git(git.folder, person);
  await rename(git.repository, settled.repository);
  return settled;
}

/** @returns whether it applied, then it is committed */
async function applyPatch(
  git: Git,
  request: QueueRequest,
  file: PatchFile,
  log: (message: string) => void,
): Promise<boolean> {
  const content = await renderPatch(request.definition, file, request.variables);
  const [refreshed] = await refreshPatches(git.folder, [{ name: file.path, content }], log);
  const { diff } = splitPatch(refreshed!.content);
  if (diff.toString('latin1').trim() !== '' && !(await patch(git.folder, diff))) {
    await git.run(['reset', '--quiet', '--hard']);
    await git.run(['clean', '--quiet', '-d', '-x', '--force', '--force']);
    return false;
  }
  const { message, author, date } = asCommit(file);
  await commitAll(git, message, author, date);
  return true;
}

/** As the formats do it: nowhere but where it fits. */
async function patch(folder: string, diff: Buffer): Promise<boolean> {
  const { status } = await run(
    [
      ...(['patch', '--strip=1', '--fuzz=0', '--unified', '--batch', '--forward'] as const),
      ...['--no-backup-if-mismatch', '--reject-file=-', '--silent'],
    ],
    { cwd: folder, stdin: Readable.from([diff]), accept: [0, 1, 2] },
  );
  return status === 0;
}

/** Message, author and date of the commit that a patch becomes. */
function asCommit({ place, name, content }: PatchFile) {
  const described = parsePatchHeader(splitPatch(content).header);
  const title = described.title || name.replace(/^\d+[-_]/, '').replace(/\.(?:patch|diff)$/, '');
  const generic = place === GENERIC ? [['Generic', 'yes'] as const] : [];
  const fields = [...described.fields.filter(([key]) => !/^Generic$/i.test(key)), ...generic];
  return {
    title,
    message: formatCommitMessage({ title, text: described.text, fields }),
    author: described.author ?? NOBODY,
    date: described.date ?? NO_DATE,
  };
}

async function commitAll(git: Git, message: string, author: Person, date: string): Promise<void> {
  // Forced: what upstream ignores belongs to its tree as well.
  await git.run(['add', '--all', '--force', '.']);
  await git.run(
    [
      'commit',
      '--quiet',
      '--no-verify',
      '--no-gpg-sign',
      '--allow-empty',
      '--cleanup=verbatim',
      '--file=-',
    ],
    {
      input: message,
      env: { GIT_AUTHOR_NAME: author.name, GIT_AUTHOR_EMAIL: author.email, GIT_AUTHOR_DATE: date },
    },
  );
}

/** Whether an earlier patch is for other distributions or formats alone, so that no build has both. */
function excluded(files: readonly PatchFile[], patches: readonly QueuedPatch[], index: number) {
  const apart = (one?: readonly string[], other?: readonly string[]) =>
    one !== undefined && other !== undefined && !one.some((name) => other.includes(name));
  const { header } = files[index]!;
  return files
    .slice(0, index)
    .some(
      (file, at) =>
        patches[at]!.commit !== undefined &&
        (apart(header.distributions, file.header.distributions) ||
          apart(header.formats, file.header.formats)),
    );
}

/** Leaves a patch that does not apply, and those after it, to `git am`, which people know how to go on with. */
async function applyRest(
  git: Git,
  request: QueueRequest,
  files: readonly PatchFile[],
): Promise<Conflict | undefined> {
  if (files.length === 0) return undefined;
  const mails: string[] = [];
  for (const [index, file] of files.entries()) {
    const content = await renderPatch(request.definition, file, request.variables);
    const mail = join(git.repository, `pending-${index}`);
    await writeFile(mail, writeMail({ ...asCommit(file), diff: splitPatch(content).diff }));
    mails.push(mail);
  }
  let said = '';
  const before = await countPatches(git);
  const options = ['--reject', '--keep', '--keep-cr', '--no-gpg-sign', '--no-3way'];
  const { status } = await git.run(['am', ...options, ...mails], {
    accept: [0, 1, 128],
    stderr: (chunk) => (said += chunk.toString()),
  });
  if (status === 0) return undefined;
  const others = await git.list(['ls-files', '--others', '-z']);
  const rejects = others.filter((path) => path.endsWith('.rej'));
  const [, reason = 'Git does not take it'] = /^error: (.*)$/m.exec(said) ?? [];
  return {
    path: files[(await countPatches(git)) - before]!.path,
    rejects,
    reason: rejects.length > 0 ? 'some of it does not match' : reason,
  };
}

const countPatches = async (git: Git) =>
  Number(await git.text(['rev-list', '--count', `${UPSTREAM}..HEAD`]));
