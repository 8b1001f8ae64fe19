import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Configuration } from '@fatbuildr/config';
import type { ContainerEngine, ImageDescription, NewImage } from '@fatbuildr/containers';
import { run } from '@fatbuildr/processes';
import { SCRATCH } from '@fatbuildr/tasks';
import type { Mirror } from './apt-configuration';
import { PACKAGING_CAPABILITIES } from '../packaging-capabilities';
import { aptCommand, isUpToDate } from './apt-in-container';
import { bootstrapFailed } from '../making.errors';
import { readHostApt } from './host-mirror';
import { mmdebstrapCommand } from './mmdebstrap';
import { readPackageList, recipeDigest, RECIPE_LABEL } from '../recipe';
import type {
  FormatImageRequest,
  FormatImageShell,
  FormatImageSource,
} from '../environment-tool.port';
import { replaceImage } from '../replace-image';
import { runShell } from '../shell';

/** Nobody reads manuals in the format image, and it is smaller by a third without them. */
const EXCLUDED = [
  '/usr/share/doc/*',
  '/usr/share/man/*',
  '/usr/share/info/*',
  '/usr/share/locale/*',
];

/**
 * A format image that is a Debian system with the packages listed in the format's definition: made from
 * the host's mirror, or on a configured image.
 */
export class DebianFormatImage implements FormatImageSource {
  constructor(
    readonly format: string,
    private readonly configuration: Configuration,
    private readonly engine: ContainerEngine,
  ) {}

  async create(request: FormatImageRequest): Promise<void> {
    const packages = await readPackageList(this.definitions, 'packages');
    const base = this.configuration.formats[this.format]?.image;
    const image: NewImage = {
      name: request.name,
      labels: { ...request.labels, [RECIPE_LABEL]: this.recipe(packages, base) },
      environment: { LC_ALL: 'C.UTF-8' },
    };
    const { journal } = request.context;
    const made = await replaceImage(this.engine, request.name, journal, () =>
      base === undefined
        ? this.bootstrap(request, packages, image)
        : this.extend(request, base, packages, image),
    );
    journal.log('info', `Image ${request.name} is ready (${megabytes(made.size)} MB)`);
  }

  async update(request: FormatImageRequest): Promise<void> {
    const { journal } = request.context;
    const packages = await readPackageList(this.definitions, 'packages');
    const recipe = this.recipe(packages, this.configuration.formats[this.format]?.image);
    const existing = await this.engine.inspectImage(request.name);
    const current =
      existing?.labels[RECIPE_LABEL] === recipe &&
      (await journal.step('look for updates', () =>
        isUpToDate(this.engine, request.name, request.context),
      ));
    if (current) {
      journal.log('info', `Image ${request.name} is up to date`);
      return;
    }
    // Made anew instead of upgraded: upgrades would pile up as layers.
    await this.create(request);
  }

  async shell({ name, labels, shell, context, instance }: FormatImageShell): Promise<void> {
    const { journal, task } = context;
    const container = await this.engine.start({
      image: name,
      owner: { instance: instance.id, task: task.id },
      network: 'host',
      capabilities: PACKAGING_CAPABILITIES,
    });
    try {
      const before = new Set(await container.changedPaths());
      await runShell(container, shell, context);
      const changed = (await container.changedPaths()).filter((path) => !before.has(path));
      if (changed.length === 0) {
        journal.log('info', `Image ${name} stays as it was`);
        return;
      }
      // On top of the old one, whose labels it keeps.
      await container.commit({ name, labels });
      journal.log('info', `Image ${name} keeps the ${changed.length} changed paths`);
    } finally {
      await container.remove();
    }
  }

  private get definitions(): string {
    return join(this.configuration.images.defs, this.format);
  }

  private recipe(packages: readonly string[], base: string | undefined): string {
    return recipeDigest(packages, base ?? null, EXCLUDED);
  }

  /** From the host's own package mirror, by the host's mmdebstrap. */
  private async bootstrap(
    { context }: FormatImageRequest,
    packages: readonly string[],
    image: NewImage,
  ): Promise<ImageDescription> {
    const { release, mirror, settings } = await readHostApt();
    const scratch = join(context.workspace, SCRATCH);
    await mkdir(scratch, { recursive: true });
    const keyring = await keyringFile(mirror, scratch);
    const bootstrap = mmdebstrapCommand({
      suite: release,
      variant: 'minbase',
      mirror,
      ...(keyring === undefined ? {} : { keyring, hooks: [keepKeyring(keyring)] }),
      settings,
      packages,
      excluded: EXCLUDED,
      target: '-',
    });
    const { journal, signal } = context;
    return journal.step(`bootstrap ${release}`, async () => {
      const tar = new PassThrough();
      const imported = this.engine.importImage(tar, image);
      // Namespaces of its own: killed half-way, also by the death of the daemon, it takes its processes and mounts along.
      const made = run(
        [
          ...(['setpriv', '--pdeathsig', 'KILL', '--'] as const),
          ...['unshare', '--mount', '--pid', '--fork', '--kill-child', '--', ...bootstrap],
        ],
        {
          stdout: tar,
          stderr: (chunk) => journal.output(chunk),
          signal,
          env: { PATH: process.env.PATH, HOME: '/root', LC_ALL: 'C.UTF-8', TMPDIR: scratch },
        },
      ).catch((fault: unknown) => {
        tar.destroy(fault instanceof Error ? fault : undefined);
        throw fault;
      });
      // The fault of the bootstrap says more than that of the import it broke.
      const [, result] = await Promise.allSettled([made, imported]).then(async (settled) => {
        await made;
        return settled;
      });
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
  }

  /** On an image of a container registry. */
  private async extend(
    { context, instance }: FormatImageRequest,
    base: string,
    packages: readonly string[],
    image: NewImage,
  ): Promise<ImageDescription> {
    const { journal, signal, task } = context;
    const output = (chunk: Buffer) => journal.output(chunk);
    await journal.step(`pull ${base}`, () => this.engine.pullImage(base, { output, signal }));
    return journal.step('install packages', async () => {
      const container = await this.engine.start({
        image: base,
        owner: { instance: instance.id, task: task.id },
        network: 'host',
        capabilities: PACKAGING_CAPABILITIES,
      });
      try {
        for (const command of [
          aptCommand('update'),
          aptCommand('install', '--no-install-recommends', ...packages),
          aptCommand('clean'),
        ]) {
          const status = await container.exec(command, { output, signal });
          if (status !== 0)
            throw bootstrapFailed(`the ${this.format} image`, command.argv.join(' '), status);
        }
        return await container.commit(image);
      } finally {
        await container.remove();
      }
    });
  }
}

/** The keyring that signs the mirror as a file; an embedded key is written to one. */
async function keyringFile(mirror: Mirror, scratch: string): Promise<string | undefined> {
  const { signedBy } = mirror;
  if (signedBy === undefined || signedBy.startsWith('/')) return signedBy;
  const digest = createHash('sha256').update(signedBy).digest('hex').slice(0, 8);
  const path = join(scratch, `mirror-${digest}.asc`);
  await writeFile(path, signedBy, { mode: 0o644 });
  return path;
}

/** The image goes on trusting the key that signs the mirror it was made from. */
function keepKeyring(keyring: string): string {
  const quoted = `'${keyring.replace(/'/g, `'\\''`)}'`;
  return `install -m 0644 ${quoted} "$1/etc/apt/trusted.gpg.d/"`;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
