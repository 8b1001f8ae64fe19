import { Injectable, type OnModuleInit } from '@nestjs/common';
import {
  FormatBuilders,
  type BinaryRequest,
  type FormatBuilder,
  type PrescriptRequest,
  type PrescriptWork,
  type SourcePackage,
  type SourceRequest,
} from '@fatbuildr/builds';
import { ImageFormats, ImagesService } from '@fatbuildr/images';
import { CowbuilderBuild } from '../cowbuilder/cowbuilder-build';
import { DEB_DEFINITION } from '../definition';
import { BinaryBuilder } from './binary-builder';
import { prescriptDependencies } from './builder.errors';
import { ContainerBuild } from './container-build';
import type { DebBuildTool } from './deb-build-tool.port';
import { PackageChecks } from './package-checks';
import { SourceBuilder } from './source-builder';

/** A binary package (Debian Policy 5.6.7), with an architecture where it is wanted. */
const PACKAGE = /^[a-z0-9][a-z0-9+.-]*[a-z0-9+.](?::[a-z0-9-]+)?$/;

/** deb packages: source, binaries and checks. */
@Injectable()
export class DebBuilder implements FormatBuilder, OnModuleInit {
  readonly format = 'deb';
  readonly definitionRules = DEB_DEFINITION;

  /** As dpkg-source does. */
  readonly droppedFolders = ['debian'];

  private readonly tools: readonly DebBuildTool[];

  constructor(
    private readonly builders: FormatBuilders,
    private readonly formats: ImageFormats,
    private readonly images: ImagesService,
    private readonly sources: SourceBuilder,
    private readonly binaries: BinaryBuilder,
    private readonly packages: PackageChecks,
    container: ContainerBuild,
    cowbuilder: CowbuilderBuild,
  ) {
    this.tools = [container, cowbuilder];
  }

  onModuleInit(): void {
    this.builders.register(this);
  }

  get keepsNone(): string | undefined {
    const { tool } = this.tool;
    return tool === 'container' ? undefined : `[format:deb] tool = ${tool}`;
  }

  prepare(request: Parameters<FormatBuilder['prepare']>[0]): Promise<void> {
    return this.images.requireAll(request);
  }

  source(request: SourceRequest): Promise<SourcePackage> {
    const image = this.tool.sourceImage(request.instance, request.pipeline);
    return this.sources.build(request, image);
  }

  binary(request: BinaryRequest): Promise<readonly string[]> {
    const { context, instance, pipeline, results, source } = request;
    return this.binaries.build(request, this.tool, () =>
      this.packages.begin({ context, instance, pipeline, results, files: source.files }),
    );
  }

  /** @throws FatbuildrError `DEB.PRESCRIPT_DEPENDENCIES` */
  async inPrescriptSession(request: PrescriptRequest, work: PrescriptWork): Promise<void> {
    // Anything else than a name would be an order to apt-get of its own.
    const bad = request.packages.filter((name) => !PACKAGE.test(name));
    if (bad.length > 0) throw prescriptDependencies(request.artifact, bad);
    await this.tool.inPrescriptSession(request, work);
  }

  drop(task: string): Promise<void> {
    return this.packages.drop(task);
  }

  checks(request: Parameters<FormatBuilder['checks']>[0]): Promise<void> {
    return this.packages.run(request);
  }

  private get tool(): DebBuildTool {
    return this.formats.forTool(this.format, this.tools);
  }
}
