import { copyFile, mkdir, readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { withoutEpoch } from '@fatbuildr/artifacts';
import { badResult, BUILD_FOLDER, collect, executeIn } from '@fatbuildr/builds';
import { CONFIGURATION, hostArchitecture, type Configuration } from '@fatbuildr/config';
import {
  CONTAINER_ENGINE,
  type ContainerEngine,
  type RunningContainer,
} from '@fatbuildr/containers';
import { FatbuildrError } from '@fatbuildr/errors';
import { formatImageName, hostAptSettings, originOf, readHostApt } from '@fatbuildr/images';
import type { Instance, Pipeline } from '@fatbuildr/instances';
import type { TaskContext } from '@fatbuildr/tasks';
import { definedImages, type DefinedImage } from './definition-folder';
import { freeBytes, lacksRoom, withinDisk } from './disk-guard';
import { detachLoopDevices } from './loop-devices';
import { imageBase } from './image-files';
import { chooseMirror, parseOrigin, proxyVariables } from './mirror';
import { CONFIGURATION_FILE, mkosiCommand, parseMkosiVersion, takesNoOtherName } from './mkosi';
import { failedMkosi, noImage, noRoom } from './osi.errors';

/** In the build folder. */
const DEFINITION = 'definition';
const OUTPUT = 'output';
const WORKSPACE = 'workspace';
const APT_CONFIGURATION = 'apt.conf';

/** What is no image, of what mkosi leaves. */
const MANIFEST = /\.(?:manifest|changelog)$/;

/** Makes directories, as formats of mkosi, files that can be published. */
const PACKED_ENDING = '.tar.zst';
const PACK = [
  ...(['tar', '--create', '--zstd', '--xattrs', '--xattrs-include=*', '--acls'] as const),
  ...(['--numeric-owner', '--sort=name'] as const),
] as const;

export interface MakingRequest {
  context: TaskContext;
  instance: Instance;
  pipeline: Pipeline;
  artifact: string;
  /** Normalized. */
  architecture: string;
  version: string;
  /** Absolute path of a folder whose part `definition` holds what was in `osi/`. */
  folder: string;
  /** Folder that receives the files. */
  results: string;
}

/** Makes the images of an artifact by mkosi, in a container of the format image. */
@Injectable()
export class ImageMaker {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine,
  ) {}

  /** @returns absolute paths, the files of the main image first */
  async make(request: MakingRequest): Promise<string[]> {
    const { artifact, folder } = request;
    const images = await definedImages(artifact, join(folder, DEFINITION));
    await this.inContainer(request, async (container) => {
      const mkosi = await mkosiVersion(container, request.context);
      for (const image of images) await this.makeOne(request, container, mkosi, image);
    });
    // Nothing runs there any more, so that what is looked at stays what it is.
    const files: string[] = [];
    for (const image of images) files.push(...(await collectFiles(request, image)));
    return files;
  }

  private async makeOne(
    request: MakingRequest,
    container: RunningContainer,
    mkosi: number,
    image: DefinedImage,
  ): Promise<void> {
    const { context, folder, artifact, version, architecture } = request;
    const { definition } = image;
    const id = imageId(image, architecture);
    const base = imageBase({ name: id, version });
    const text = await readFile(join(folder, DEFINITION, definition), 'utf8');
    if (takesNoOtherName(mkosi)) {
      await copyFile(
        join(folder, DEFINITION, definition),
        join(folder, DEFINITION, CONFIGURATION_FILE),
      );
    }
    const output = join(OUTPUT, definition);
    await mkdir(join(folder, output), { recursive: true });
    const command = mkosiCommand(mkosi, {
      ...{ definition, id, architecture },
      version: withoutEpoch(version),
      mirror: await this.mirror(request.pipeline, text),
      output: join(BUILD_FOLDER, output),
      workspace: join(BUILD_FOLDER, WORKSPACE),
    });
    const full = noRoom(artifact, context.workspace, await freeBytes(folder));
    await withinDisk(folder, full, async (signal) => {
      const guarded = { ...context, signal: AbortSignal.any([context.signal, signal]) };
      const explain = (printed: string, status: number) => {
        if (lacksRoom(printed)) return full;
        // Another one is that of what killed it.
        return status < 128 ? failedMkosi(artifact, definition, printed) : undefined;
      };
      await executeIn(container, command, join(BUILD_FOLDER, DEFINITION), guarded, explain);
      const left = await leftFolder(join(folder, output), base);
      for (const entry of await readdir(left, { withFileTypes: true })) {
        if (!entry.isDirectory() || !entry.name.startsWith(base)) continue;
        const system = join(BUILD_FOLDER, relative(folder, left), entry.name);
        const pack = [...PACK, `--file=${system}${PACKED_ENDING}`, '--', '.'] as const;
        await executeIn(container, pack, system, guarded, explain);
      }
    });
  }

  /**
   * With network, for mkosi fetches the packages of the image, and privileged, for it mounts what it makes and
   * starts systemd-nspawn in it. It sees the build folder, and the devices and control groups of the host.
   */
  private async inContainer(
    { context, instance, pipeline, folder }: MakingRequest,
    work: (container: RunningContainer) => Promise<void>,
  ): Promise<void> {
    const settings = await hostAptSettings();
    await mkdir(join(folder, WORKSPACE));
    await writeFile(join(folder, APT_CONFIGURATION), `${settings.join('\n')}\n`);
    const container = await this.engine.start({
      image: formatImageName(instance.id, pipeline.format),
      owner: { instance: instance.id, task: context.task.id },
      network: 'host',
      privileged: true,
      environment: {
        ...{ LC_ALL: 'C.UTF-8', HOME: '/root' },
        ...proxyVariables(settings),
        APT_CONFIG: join(BUILD_FOLDER, APT_CONFIGURATION),
      },
      mounts: [
        { source: folder, target: BUILD_FOLDER },
        // Partitions of loop devices appear there after the container was made.
        { source: '/dev', target: '/dev' },
        // systemd-nspawn wants a hierarchy of its own below it.
        { source: '/sys/fs/cgroup', target: '/sys/fs/cgroup' },
      ],
    });
    try {
      await work(container);
    } finally {
      await container.remove();
      await detachLoopDevices(folder);
    }
  }

  private async mirror(pipeline: Pipeline, definition: string): Promise<string | undefined> {
    const { mirror } = originOf([pipeline], this.configuration.formats[pipeline.format]);
    const host = await readHostApt().catch((fault: unknown) => {
      if (fault instanceof FatbuildrError && fault.code === 'IMAGES.NO_HOST_MIRROR')
        return undefined;
      throw fault;
    });
    return chooseMirror(parseOrigin(definition), mirror, host);
  }
}

async function mkosiVersion(container: RunningContainer, context: TaskContext): Promise<number> {
  let printed = '';
  await container.exec(
    { argv: ['mkosi', '--version'] },
    { output: (chunk) => (printed += chunk.toString('utf8')), signal: context.signal },
  );
  context.journal.log('info', `The osi image has ${printed.trim()}`);
  return parseMkosiVersion(printed);
}

/**
 * What the names of an image's files begin with. Further images, and those for other machines, do not share
 * it: systemd-sysupdate would take the rest of their names for a newer version.
 */
function imageId({ id }: DefinedImage, architecture: string): string {
  return architecture === hostArchitecture() ? id : `${id}-${architecture}`;
}

/** Where files are: mkosi 14 puts a folder for distribution and release in between (`debian~bookworm`). */
async function leftFolder(output: string, base: string): Promise<string> {
  const entries = await readdir(output, { withFileTypes: true });
  const between = entries.find((entry) => entry.isDirectory() && !entry.name.startsWith(base));
  return between === undefined ? output : join(output, between.name);
}

/** Moves the files of an image to the results. */
async function collectFiles(
  { version, architecture, folder, results }: MakingRequest,
  image: DefinedImage,
): Promise<string[]> {
  const base = imageBase({ name: imageId(image, architecture), version });
  const place = join(folder, OUTPUT, image.definition);
  // What ran there may have put a link in its place.
  if ((await realpath(place)) !== join(await realpath(folder), OUTPUT, image.definition)) {
    throw badResult(place, 'it is no folder any more');
  }
  const output = await leftFolder(place, base);
  const left = await readdir(output, { withFileTypes: true });
  const names = left
    // Folders were packed.
    .filter((entry) => !entry.isDirectory() && entry.name.startsWith(`${base}.`))
    .map(({ name }) => name)
    .sort();
  if (names.every((name) => MANIFEST.test(name))) {
    throw noImage(
      base,
      left.map(({ name }) => name),
    );
  }
  return collect(output, names, results);
}
