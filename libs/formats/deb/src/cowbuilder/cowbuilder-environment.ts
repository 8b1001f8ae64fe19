import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import type { ArgumentVector, ImageDescription } from '@fatbuildr/containers';
import {
  bootstrapFailed,
  hostAptSettings,
  recipeDigest,
  requireRunnable,
  runShell,
  SHELL,
  tellReady,
  warnOfDifferences,
  type EnvironmentPlace,
  type EnvironmentRequest,
  type EnvironmentShell,
  type EnvironmentTool,
} from '@fatbuildr/images';
import { debOrigin } from '../environment/origin';
import { debianArchitecture } from '../registry/architectures';
import { Cowbuilder, TOOL, type Session } from './cowbuilder';
import { COW_SHELL, holdCopy } from './held-copy';

/** Environments that cowbuilder makes, and keeps as folders. */
@Injectable()
export class CowbuilderEnvironment implements EnvironmentTool {
  readonly format = 'deb';
  readonly tool = TOOL;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly cowbuilder: Cowbuilder,
  ) {}

  async create(request: EnvironmentRequest): Promise<void> {
    await requireRunnable(request.architecture);
    warnOfDifferences(request);
    const { uri, components, packages } = await debOrigin(request, this.configuration);
    const settings = await hostAptSettings();
    const options = [
      `--include=${packages.join(',')}`,
      ...settings.map((setting) => `--aptopt=${setting}`),
    ];
    await this.make(request, 'bootstrap', (session, root) => [
      session.command(
        ...(['--create', root, '--distribution', request.environment] as const),
        ...['--architecture', debianArchitecture(request.architecture)],
        ...['--mirror', uri, '--components', components.join(' ')],
        ...options.flatMap((option) => ['--debootstrapopts', option]),
      ),
    ]);
  }

  async update(request: EnvironmentRequest): Promise<void> {
    const existing = await this.cowbuilder.folders.find(request);
    if (existing?.recipe !== (await this.recipe(request))) {
      await this.create(request);
      return;
    }
    // Of a copy, so that the root stays as it is when this is cut short.
    await this.make(request, 'update', (session, root) => [
      ['cp', '--archive', '--link', session.inside(existing.id), root],
      session.command('--update', root, '--autocleanaptcache'),
    ]);
  }

  async shell(request: EnvironmentShell): Promise<void> {
    const { context, shell } = request;
    const existing = await this.cowbuilder.folders.find(request);
    if (existing === undefined) throw new Error('the environment was removed just now');
    await this.cowbuilder.use(request, async (session) => {
      const copy = await holdCopy(session, existing.id, request);
      await runShell(session.container, shell, context, (command = SHELL.argv) => [
        ...(['chroot', copy] as const),
        ...COW_SHELL,
        ...command,
      ]);
    });
  }

  find(place: EnvironmentPlace): Promise<ImageDescription | undefined> {
    return this.cowbuilder.folders.find(place);
  }

  /** Makes a root by some commands, and then the environment of it. */
  private async make(
    request: EnvironmentRequest,
    step: string,
    commands: (session: Session, root: string) => readonly ArgumentVector[],
  ): Promise<void> {
    const { context, environment } = request;
    const { journal, signal } = context;
    const recipe = await this.recipe(request);
    await this.cowbuilder.use(request, async (session) => {
      const root = join(session.folder, 'root');
      await journal.step(`${step} ${environment}`, async () => {
        for (const argv of commands(session, session.inside(root))) {
          const output = (chunk: Buffer) => journal.output(chunk);
          const status = await session.container.exec({ argv }, { output, signal });
          const name = `build environment ${environment}`;
          if (status !== 0) throw bootstrapFailed(name, argv.slice(0, 2).join(' '), status);
        }
      });
      tellReady(request, await this.cowbuilder.folders.replace(request, root, recipe));
    });
  }

  private async recipe(request: EnvironmentRequest): Promise<string> {
    const rules = join(this.configuration.images.defs, this.format, TOOL, 'pbuilderrc');
    return recipeDigest(
      await debOrigin(request, this.configuration),
      await readFile(rules, 'utf8'),
    );
  }
}
