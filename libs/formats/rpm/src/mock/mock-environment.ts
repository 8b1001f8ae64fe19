import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import type { ArgumentVector, ImageDescription } from '@fatbuildr/containers';
import {
  recipeDigest,
  requireRunnable,
  runShell,
  tellReady,
  warnOfDifferences,
  type EnvironmentPlace,
  type EnvironmentRequest,
  type EnvironmentShell,
  type EnvironmentTool,
} from '@fatbuildr/images';
import { warnOfNoKeys } from '../environment/environment-plan';
import { Mock, mockCommand, TOOL } from './mock';
import { mockFailed } from './mock.errors';

/** What `--init` leaves, below the folder of the task. */
const CACHE = 'cache';

/** Environments that mock makes: what is kept is its cache, from which it unpacks a root for each task. */
@Injectable()
export class MockEnvironment implements EnvironmentTool {
  readonly format = 'rpm';
  readonly tool = TOOL;

  constructor(private readonly mock: Mock) {}

  async create(request: EnvironmentRequest): Promise<void> {
    const { architecture, context, environment } = request;
    const { journal, signal } = context;
    await requireRunnable(architecture);
    warnOfDifferences(request);
    // In a cache of its own: the one that tasks use stays until this is complete.
    await this.mock.use(request, { cache: CACHE }, async ({ container, folder, plan }) => {
      if (plan.keys.size === 0) warnOfNoKeys(request);
      await journal.step(`bootstrap ${environment}`, async () => {
        // The first also removes what the site's defaults of mock keep elsewhere, such as snapshots.
        for (const act of ['--scrub=all', '--init']) {
          const output = (chunk: Buffer) => journal.output(chunk);
          const argv = mockCommand('--verbose', act);
          const status = await container.exec({ argv }, { output, signal });
          if (status !== 0) throw mockFailed(`make build environment ${environment}`, status);
        }
      });
      const recipe = recipeDigest({ ...plan, keys: [...plan.keys] });
      const made = await this.mock.folders.replace(request, join(folder, CACHE), recipe);
      tellReady(request, made);
    });
  }

  /** Made anew instead of upgraded: upgrades would keep what is obsolete. */
  update(request: EnvironmentRequest): Promise<void> {
    return this.create(request);
  }

  async shell({ shell, ...request }: EnvironmentShell): Promise<void> {
    await this.mock.use(request, {}, ({ container }) =>
      runShell(container, shell, request.context, (command) =>
        mockShell(command, shell.term !== ''),
      ),
    );
  }

  find(place: EnvironmentPlace): Promise<ImageDescription | undefined> {
    return this.mock.folders.find(place);
  }
}

/**
 * How mock runs what is wanted in the root. It hands a shell one text, and what runs without terminal its
 * words, unless it is only one.
 */
function mockShell(command: ArgumentVector | undefined, terminal: boolean): ArgumentVector {
  const quiet = mockCommand('--quiet', '--enable-network');
  if (command === undefined) return [...quiet, '--shell'];
  const [program, ...args] = command;
  if (terminal) return [...quiet, '--shell', '--', command.map(quoted).join(' ')];
  return [
    ...quiet,
    '--chroot',
    '--',
    ...(args.length === 0 ? [quoted(program)] : [program, ...args]),
  ];
}

/** A word as shells read it. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
