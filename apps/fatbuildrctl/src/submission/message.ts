import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interact } from '@fatbuildr/processes';
import { editorFailed, emptyMessage } from './submission.errors';

const INTRODUCTION = (artifact: string) => `
# Why is ${artifact} built? The message goes into its changelog.
# Lines that start with # are left out; an empty message submits nothing.
`;

/** Lets the user write the message of a build in `$VISUAL` or `$EDITOR`, which may hold arguments. */
export async function editMessage(editor: string, artifact: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fatbuildrctl-'));
  const file = join(folder, 'MESSAGE');
  try {
    await writeFile(file, INTRODUCTION(artifact), { mode: 0o600 });
    const [program = editor, ...args] = editor.trim().split(/\s+/);
    const status = await interact([program, ...args, file]);
    if (status !== 0) throw editorFailed(editor, status);
    const message = withoutComments(await readFile(file, 'utf8'));
    if (message === '') throw emptyMessage(editor);
    return message;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function withoutComments(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .trim();
}
