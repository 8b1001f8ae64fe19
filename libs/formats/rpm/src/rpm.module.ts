import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { BuildsModule } from '@fatbuildr/builds';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { CONTAINER_ENGINE, ContainersModule, type ContainerEngine } from '@fatbuildr/containers';
import { DebianFormatImage, ImageFormats, ImagesModule } from '@fatbuildr/images';
import { BinaryBuilder } from './builder/binary-builder';
import { BuildLayers } from './builder/build-layers';
import { PackageChecks } from './builder/package-checks';
import { RpmBuilder } from './builder/rpm-builder';
import { SourceBuilder } from './builder/source-builder';
import { ContainerBuild } from './builder/container-build';
import { Mock } from './mock/mock';
import { MockBuild } from './mock/mock-build';
import { MockEnvironment } from './mock/mock-environment';
import { DnfEnvironment } from './environment/dnf-environment';
import { DnfRegistryModule } from './registry/dnf-registry.module';

/** RPM packages: images, environments, builds and DNF registries. */
@Module({
  imports: [ContainersModule, ImagesModule, BuildsModule, DnfRegistryModule],
  providers: [
    BinaryBuilder,
    BuildLayers,
    ContainerBuild,
    DnfEnvironment,
    Mock,
    MockBuild,
    MockEnvironment,
    PackageChecks,
    RpmBuilder,
    SourceBuilder,
  ],
  exports: [DnfRegistryModule],
})
export class RpmModule implements OnModuleInit {
  constructor(
    @Inject(ImageFormats) private readonly images: ImageFormats,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine,
    private readonly container: DnfEnvironment,
    private readonly mock: MockEnvironment,
  ) {}

  onModuleInit(): void {
    const image = new DebianFormatImage('rpm', this.configuration, this.engine);
    this.images.register(image, [this.container, this.mock]);
  }
}
