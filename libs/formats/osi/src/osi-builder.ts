import { mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { packTree, unpack } from '@fatbuildr/artifacts';
import {
  FormatBuilders,
  type BinaryRequest,
  type FormatBuilder,
  type SourcePackage,
  type SourceRequest,
} from '@fatbuildr/builds';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { ImagesService, requireRunnable } from '@fatbuildr/images';
import { removeTree } from '@fatbuildr/processes';
import { SCRATCH } from '@fatbuildr/tasks';
import { OSI_DEFINITION } from './definition';
import { definedImages } from './definition-folder';
import { freeBytes } from './disk-guard';
import {
  DEFINITION_ENDING,
  describeImages,
  imageBase,
  isArchive,
  listArchive,
  readImagesDescription,
  SOURCE,
} from './image-files';
import { ImageMaker } from './image-maker';
import { detachLoopDevices } from './loop-devices';
import { noRoom } from './osi.errors';

/** OS images: what mkosi makes of the definitions in `osi/`. */
@Injectable()
export class OsiBuilder implements FormatBuilder, OnModuleInit {
  readonly format = 'osi';
  readonly definitionRules = OSI_DEFINITION;
  readonly takesSources = OSI_DEFINITION.takesSources;
  /** People in them would be root of the host. */
  readonly keepsNone = 'the privileged containers of OS images';
  readonly release = detachLoopDevices;

  constructor(
    private readonly builders: FormatBuilders,
    private readonly images: ImagesService,
    private readonly maker: ImageMaker,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  onModuleInit(): void {
    this.builders.register(this);
  }

  async prepare({
    instance,
    architectures,
  }: Parameters<FormatBuilder['prepare']>[0]): Promise<void> {
    await this.images.requireImage(instance, this.format);
    for (const architecture of architectures) await requireRunnable(architecture);
  }

  async source(request: SourceRequest): Promise<SourcePackage> {
    const { artifact, context, packaging, results, changelog } = request;
    await definedImages(artifact, packaging);
    const named = { name: artifact, version: request.version.full };
    const described = { ...named, architecture: SOURCE, changelog: [...changelog] };
    const [description = ''] = await describeImages(described, results);
    // Not among the results, which people see who must not see what it may hold.
    const archive = join(context.workspace, SCRATCH, `${imageBase(described)}${DEFINITION_ENDING}`);
    await packTree(packaging, archive, { prefix: '', ...this.limits, signal: context.signal });
    return { files: [description, archive], independent: false };
  }

  async binary(request: BinaryRequest): Promise<readonly string[]> {
    const { context, source, architecture, artifact, instance, pipeline, results } = request;
    const [description = '', archive = ''] = source.files;
    const { version, changelog } = await readImagesDescription(description);
    const images = { name: artifact, architecture, version, changelog };
    const folder = join(context.workspace, SCRATCH, `build-${architecture}`);
    await removeTree(folder);
    await unpack(archive, join(folder, 'definition'), {
      limits: { maxUnpacked: this.limits.maxSize, maxEntries: this.limits.maxEntries },
      signal: context.signal,
    });
    const files = await this.maker.make({
      ...{ context, instance, pipeline, artifact, architecture, version, folder, results },
    });
    await removeTree(folder);
    await this.requireRoom(artifact, files);
    return describeImages(images, results, files);
  }

  /** Nothing is begun in the background. */
  drop(): Promise<void> {
    return Promise.resolve();
  }

  async checks({ context, files, results }: Parameters<FormatBuilder['checks']>[0]): Promise<void> {
    const lines: string[] = [];
    const { maxSize: maxUnpacked, maxEntries } = this.limits;
    for (const file of files.filter((path) => !path.endsWith(DEFINITION_ENDING))) {
      lines.push(`${basename(file)}: ${(await stat(file)).size} bytes`);
      if (!isArchive(file)) continue;
      for (const { path, type, size } of await listArchive(file, { maxUnpacked, maxEntries })) {
        lines.push(`${type} ${String(size).padStart(10)} ${path}`);
      }
    }
    await writeFile(join(results, 'contents.txt'), `${lines.join('\n')}\n`);
    // A system has tens of thousands of files; the journal has the names of the images.
    const images = lines.filter((line) => line.endsWith(' bytes'));
    context.journal.output(Buffer.from(`${images.join('\n')}\n`));
  }

  /** A disk image has holes, which it loses where it is published: then it takes all of its size. */
  private async requireRoom(artifact: string, files: readonly string[]): Promise<void> {
    const { registry } = this.configuration.dirs;
    let size = 0;
    for (const file of files) size += (await stat(file)).size;
    await mkdir(registry, { recursive: true });
    const free = await freeBytes(registry);
    if (size > free) throw noRoom(artifact, registry, free, size);
  }

  private get limits() {
    const { maxUnpacked: maxSize, maxEntries } = this.configuration.sources;
    return { maxSize, maxEntries };
  }
}
