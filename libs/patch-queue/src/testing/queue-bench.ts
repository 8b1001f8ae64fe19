import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { QueueChange } from '../export-queue';
import { PatchQueue } from '../patch-queue';

type Files = Readonly<Record<string, string>>;

/** A patch of one line. */
export const change = (from: string, to: string, file = 'text') =>
  `--- a/${file}\n+++ b/${file}\n@@ -1 +1 @@\n-${from}\n+${to}\n`;

export const HEADER = `Description: Say b
 It was a.
Author: Jörg <joerg@acme.example>
Forwarded: no
Last-Update: 2024-02-29
`;

export const paths = (changes: readonly QueueChange[]) =>
  changes.map(({ path, change }) => `${change} ${path}`);

/** A definition and upstream's tree in a folder of their own, and somebody who works there with Git. */
export class QueueBench {
  /** What was told while the queue was made. */
  readonly told: string[] = [];

  private constructor(readonly base: string) {}

  static async make(): Promise<QueueBench> {
    return new QueueBench(await mkdtemp(join(tmpdir(), 'fatbuildr-queue-')));
  }

  remove(): Promise<void> {
    return rm(this.base, { recursive: true });
  }

  at(...path: string[]): string {
    return join(this.base, ...path);
  }

  async put(files: Files): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(this.at(path)), { recursive: true });
      await writeFile(this.at(path), content);
    }
  }

  read(path: string): Promise<string> {
    return readFile(this.at(path), 'utf8');
  }

  /** Of the patches in a folder. */
  async names(place = '1.0'): Promise<string[]> {
    return (await readdir(this.at('def/patches', place))).sort();
  }

  /** Git as the user has it in the shell. */
  git(...args: string[]): string {
    return execFileSync('git', args, {
      cwd: this.at('tree'),
      encoding: 'utf8',
      env: { ...process.env, HOME: this.base, GIT_EDITOR: 'true', XDG_CONFIG_HOME: this.base },
      stdio: 'pipe',
    }).trim();
  }

  commit(...args: string[]): void {
    this.git('add', '--all');
    this.git('commit', '--quiet', ...args);
  }

  /** @param patches of the definition, by place and name */
  async open(patches: Files, tree: Files = { text: 'a\n' }): Promise<PatchQueue> {
    const under = (folder: string, files: Files) =>
      Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
    await this.put({
      ...{ 'def/artifact.yml': '', ...under('def/patches', patches), ...under('tree', tree) },
    });
    return PatchQueue.create(
      this.at('tree'),
      {
        ...{ artifact: 'hello', definition: this.at('def'), version: '1.0' },
        variables: { version: { main: '1.0' } },
        person: { name: 'Jané Roe', email: 'jane@acme.example' },
      },
      (line) => this.told.push(line),
    );
  }
}
