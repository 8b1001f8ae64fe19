import { existsSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import type { FatbuildrError } from '@fatbuildr/errors';

/** Something a check found in a definition. */
export interface Finding {
  /** An error is refused by builds as well, with the same code. */
  severity: 'error' | 'warning';
  code: string;
  /** In the folder of the definition; empty when it is about the folder. */
  file: string;
  /** From 1. */
  line?: number;
  /** In the definition file: `deb.release`. */
  key?: string;
  message: string;
}

/** What faults of definitions say in their details; `file` and `path` are of the definition. */
type Details = Partial<Record<'file' | 'folder' | 'path' | 'key' | 'reason', string>> & {
  line?: number;
};

/**
 * @param folders of the definition, and of a copy of it
 * @param format whose packaging files are meant where a file is named that the definition does not have
 */
export function findingOf(
  severity: Finding['severity'],
  { code, message, details }: FatbuildrError,
  folders: readonly string[],
  format = '',
): Finding {
  const { file, folder, path, reason, line, key } = details as Details;
  // Of a template in the definition file: "artifact.yml: source".
  const [named = '', template] = (file ?? '').split(': ');
  return {
    severity,
    code,
    file: folder === undefined ? placeOf(named, folders, format) : inside(folders, folder, path),
    line: typeof line === 'number' ? line : undefined,
    key: key || template,
    message: reason ?? message,
  };
}

function placeOf(file: string, folders: readonly string[], format: string): string {
  const isThere = (name: string) => folders.some((folder) => existsSync(join(folder, name)));
  const below = join(format, file);
  return file !== '' && !isThere(file) && isThere(below) ? below : file;
}

function inside(folders: readonly string[], folder: string, path = ''): string {
  const full = join(folder, path);
  const found = folders
    .map((root) => relative(root, full))
    .find((name) => !name.startsWith('..') && !isAbsolute(name));
  return found ?? path;
}
