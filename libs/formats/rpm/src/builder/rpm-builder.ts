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
import { BinaryBuilder } from './binary-builder';
import { RPM_DEFINITION } from '../definition';
import { MockBuild } from '../mock/mock-build';
import { prescriptDependencies } from './builder.errors';
import { ContainerBuild } from './container-build';
import { PackageChecks } from './package-checks';
import { badPackages } from './prescript-packages';
import type { RpmBuildTool } from './rpm-build-tool.port';
import { SourceBuilder } from './source-builder';

/** RPM packages: source, binaries and checks. */
@Injectable()
export class RpmBuilder implements FormatBuilder, OnModuleInit {
  readonly format = 'rpm';
  readonly definitionRules = RPM_DEFINITION;

  private readonly tools: readonly RpmBuildTool[];

  constructor(
    private readonly builders: FormatBuilders,
    private readonly formats: ImageFormats,
    private readonly images: ImagesService,
    private readonly sources: SourceBuilder,
    private readonly binaries: BinaryBuilder,
    private readonly packages: PackageChecks,
    container: ContainerBuild,
    mock: MockBuild,
  ) {
    this.tools = [container, mock];
  }

  onModuleInit(): void {
    this.builders.register(this);
  }

  get keepsNone(): string | undefined {
    const { tool } = this.tool;
    return tool === 'container' ? undefined : `[format:rpm] tool = ${tool}`;
  }

  prepare(request: Parameters<FormatBuilder['prepare']>[0]): Promise<void> {
    return this.images.requireAll(request);
  }

  source(request: SourceRequest): Promise<SourcePackage> {
    return this.sources.build(request, this.tool);
  }

  binary(request: BinaryRequest): Promise<readonly string[]> {
    return this.binaries.build(request, this.tool);
  }

  /** @throws FatbuildrError `RPM.PRESCRIPT_DEPENDENCIES` */
  async inPrescriptSession(request: PrescriptRequest, work: PrescriptWork): Promise<void> {
    const bad = badPackages(request.packages);
    if (bad.length > 0) throw prescriptDependencies(request.artifact, bad);
    await this.tool.inPrescriptSession(request, work);
  }

  /** Nothing goes on in the background. */
  drop(): Promise<void> {
    return Promise.resolve();
  }

  checks(request: Parameters<FormatBuilder['checks']>[0]): Promise<void> {
    return this.packages.run(request);
  }

  private get tool(): RpmBuildTool {
    return this.formats.forTool(this.format, this.tools);
  }
}
