import { chmod, copyFile, lstat, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FatbuildrError } from '@fatbuildr/errors';
import { folderFault } from './artifacts.errors';
import { linkLeaves, walk, type TreeEntry } from './safe-folder';
import { MAX_TEMPLATE_BYTES, templateEngine } from './template-engine';

/** Data only: it is copied before a template sees it. */
export type TemplateValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly TemplateValue[]
  | { readonly [key: string]: TemplateValue };

/** An interface without functions fits as well as a literal. */
export type TemplateVariables = Readonly<Record<string, TemplateValue | object>>;

const TEMPLATE_SUFFIX = '.j2';

/**
 * Renders one Jinja2 template. Templates are untrusted: they see the variables given and nothing else,
 * and end in bounded time.
 *
 * @param options.name shown in errors
 * @param options.folder the only folder it can include from; without it includes are refused
 * @throws FatbuildrError `ARTIFACT.TEMPLATE` with file and line
 */
export async function renderText(
  source: string,
  variables: TemplateVariables,
  options: { name: string; folder?: string },
): Promise<string> {
  const engine = await templateEngine(options.folder);
  return engine.render(options.name, source, variables);
}

/**
 * Copies a folder, rendering `*.j2` to files without that suffix and with the template's mode. Symlinks
 * are kept as they are.
 *
 * @param to made if absent
 * @param onFault told what is wrong with a file, which is then left out; by default the first fault is thrown
 * @throws FatbuildrError `ARTIFACT.TEMPLATE` with file (relative to `from`) and line,
 *   `ARTIFACT.REFUSED_FILE` for a symlink that leaves the folder, or a template and a plain file that
 *   both give the same file
 */
export async function renderFolder(
  from: string,
  to: string,
  variables: TemplateVariables,
  onFault: (fault: FatbuildrError) => void = rethrow,
): Promise<void> {
  const engine = await templateEngine(from);
  await mkdir(to, { recursive: true });
  for await (const entry of walk(from)) {
    await orTell(onFault, () =>
      renderEntry(from, to, entry, (source) => engine.render(entry.path, source, variables)),
    );
  }
}

/** Goes on after a fault of the definition, which is told. */
export async function orTell(
  onFault: (fault: FatbuildrError) => void,
  step: () => Promise<unknown>,
): Promise<void> {
  try {
    await step();
  } catch (fault) {
    if (!(fault instanceof FatbuildrError)) throw fault;
    onFault(fault);
  }
}

/** What stops at the first fault. */
export function rethrow(fault: FatbuildrError): never {
  throw fault;
}

async function renderEntry(
  from: string,
  to: string,
  { path, kind, size, target }: TreeEntry,
  render: (source: string) => string,
): Promise<void> {
  if (kind === 'directory') {
    await mkdir(join(to, path), { recursive: true });
    return;
  }
  const template = path.endsWith(TEMPLATE_SUFFIX) && !/(^|\/)\.j2$/.test(path);
  const result = join(to, template ? path.slice(0, -TEMPLATE_SUFFIX.length) : path);
  if ((await lstat(result).catch(() => undefined)) !== undefined) {
    throw folderFault(from, path, 'another file gives the same result, keep one of them');
  }
  if (kind === 'symlink') {
    if (template) throw folderFault(from, path, 'a template cannot be a symlink');
    if (await linkLeaves(from, path, target!)) {
      throw folderFault(from, path, `the symlink to "${target}" leaves the folder`);
    }
    await symlink(target!, result);
    return;
  }
  if (!template) {
    await copyFile(join(from, path), result);
    return;
  }
  if (size > MAX_TEMPLATE_BYTES) throw folderFault(from, path, 'is too large for a template');
  const source = await readFile(join(from, path), 'utf8');
  await writeFile(result, render(source));
  await chmod(result, (await lstat(join(from, path))).mode & 0o777);
}
