import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { DEFINITION_ARCHIVE, SOURCE_ARCHIVES } from '@fatbuildr/builds';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { requireEnvironment } from '@fatbuildr/images';
import { KeyringService } from '@fatbuildr/keyring';
import type { Artifact, SourceArchive, TaskParameters } from '@fatbuildr/protocol';
import { INSTANCE_INTERFACE, toWire, type WireStructure } from '@fatbuildr/protocol-dbus';
import { RegistriesService } from '@fatbuildr/registries';
import { noRunningTask, takeOver, TasksService } from '@fatbuildr/tasks';
import { badArgument } from './dbus.errors';
import { DbusInterface, DbusMethod, DbusProperty, type InstanceCall } from './dbus.decorators';
import { INSTANCES_PATH } from './fatbuildr.dbus';
import { UPLOADS_FOLDER } from '../home';

const PLACE = { format: 's', distribution: 's', derivative: 's' } as const;
const ENVIRONMENT = { format: 's', environment: 's', architecture: 's' } as const;

/** One instance: its pipelines, tasks, registries, keyring, images and environments. */
@Injectable()
@DbusInterface({
  name: INSTANCE_INTERFACE,
  path: INSTANCES_PATH,
  perInstance: true,
  signals: [
    {
      name: 'TaskStateChanged',
      arguments: { id: 's', state: 's', result: 's' },
      doc: 'A task was submitted, started or ended. Addition to Fatbuildr 2.1.',
    },
  ],
})
export class InstanceObject {
  constructor(
    private readonly tasks: TasksService,
    private readonly registries: RegistriesService,
    private readonly keys: KeyringService,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  @DbusProperty({ type: 'a{sv}' })
  instance({ instance: { id, name, userid } }: InstanceCall): WireStructure {
    return toWire({ id, name, userid });
  }

  // Pipelines

  @DbusProperty({ type: 'as' })
  pipelinesFormats({ instance }: InstanceCall): readonly string[] {
    return instance.formats;
  }

  @DbusProperty({ type: 'as' })
  pipelinesArchitectures({ instance }: InstanceCall): readonly string[] {
    return instance.architectures;
  }

  @DbusMethod({ in: { format: 's' }, out: 'as' })
  pipelinesFormatDistributions({ instance }: InstanceCall, format: string): readonly string[] {
    return instance.distributions(format);
  }

  @DbusMethod({ in: { distribution: 's' }, out: 's' })
  pipelinesDistributionFormat({ instance }: InstanceCall, distribution: string): string {
    return instance.distributionFormat(distribution);
  }

  @DbusMethod({ in: { distribution: 's' }, out: 's' })
  pipelinesDistributionEnvironment({ instance }: InstanceCall, distribution: string): string {
    return instance.distributionEnvironment(distribution) ?? 'none';
  }

  @DbusMethod({ in: { distribution: 's' }, out: 'as' })
  pipelinesDistributionDerivatives(
    { instance }: InstanceCall,
    distribution: string,
  ): readonly string[] {
    return instance.distributionDerivatives(distribution);
  }

  @DbusMethod({ in: { derivative: 's' }, out: 'as' })
  pipelinesDerivativeFormats({ instance }: InstanceCall, derivative: string): readonly string[] {
    return instance.derivativeFormats(derivative);
  }

  // Tasks

  @DbusProperty({ type: 'aa{sv}' })
  async queue({ instance }: InstanceCall): Promise<WireStructure[]> {
    return (await this.tasks.queue(instance.id)).map(toWire);
  }

  @DbusProperty({ type: 'a{sv}' })
  async running({ instance }: InstanceCall): Promise<WireStructure> {
    const [oldest] = await this.tasks.running(instance.id);
    if (oldest === undefined) throw noRunningTask(instance.id);
    return toWire(oldest);
  }

  @DbusMethod({ in: { limit: 'i' }, out: 'aa{sv}' })
  async history({ instance }: InstanceCall, limit: number): Promise<WireStructure[]> {
    return (await this.tasks.history(instance.id, limit)).map(toWire);
  }

  @DbusMethod({ in: { limit: 'i' }, out: 'aa{sv}', doc: 'Alias of History.' })
  archives(call: InstanceCall, limit: number): Promise<WireStructure[]> {
    return this.history(call, limit);
  }

  @DbusMethod({
    in: { id: 's' },
    out: 'a{sv}',
    doc: 'A task in any state. Addition to Fatbuildr 2.1.',
  })
  async task({ instance }: InstanceCall, id: string): Promise<WireStructure> {
    return toWire(await this.tasks.get(instance.id, id));
  }

  @DbusMethod({
    in: { id: 's' },
    out: 'b',
    doc: 'Ends a task before its time: it fails with the reason "cancelled by …". True: it was pending and never runs; false: it was running and ends as soon as it can. A finished one is an error. Addition to Fatbuildr 2.1.',
  })
  taskCancel({ instance, user }: InstanceCall, id: string): Promise<boolean> {
    return this.tasks.cancel(instance.id, id, user);
  }

  // Registries

  @DbusProperty({ type: 'as' })
  formats({ instance }: InstanceCall): readonly string[] {
    return this.registries.formats(instance);
  }

  @DbusMethod({ in: { format: 's' }, out: 'as' })
  distributions({ instance }: InstanceCall, format: string): Promise<string[]> {
    return this.registries.distributions(instance, format);
  }

  @DbusMethod({ in: { format: 's', distribution: 's' }, out: 'as' })
  derivatives({ instance }: InstanceCall, format: string, distribution: string): Promise<string[]> {
    return this.registries.derivatives(instance, format, distribution);
  }

  @DbusMethod({ in: PLACE, out: 'aa{sv}' })
  async artifacts(
    { instance }: InstanceCall,
    format: string,
    distribution: string,
    derivative: string,
  ): Promise<WireStructure[]> {
    const place = { format, distribution, derivative };
    return (await this.registries.artifacts(instance, place)).map(toWire);
  }

  @DbusMethod({
    in: { text: 's' },
    out: 'aa{sv}',
    doc: 'Artifacts whose name contains the text: artifact fields with format, distribution and derivative. Addition to Fatbuildr 2.1.',
  })
  async search({ instance }: InstanceCall, text: string): Promise<WireStructure[]> {
    const found = await this.registries.search(instance, text);
    return found.map(({ artifact, ...place }) => toWire({ ...place, ...artifact }));
  }

  @DbusMethod({ in: { ...PLACE, source: 's' }, out: 'aa{sv}' })
  async artifactBinaries(
    { instance }: InstanceCall,
    format: string,
    distribution: string,
    derivative: string,
    source: string,
  ): Promise<WireStructure[]> {
    const place = { format, distribution, derivative };
    return (await this.registries.artifactBinaries(instance, place, source)).map(toWire);
  }

  @DbusMethod({ in: { ...PLACE, binary: 's' }, out: 'a{sv}' })
  async artifactSource(
    { instance }: InstanceCall,
    format: string,
    distribution: string,
    derivative: string,
    binary: string,
  ): Promise<WireStructure> {
    const place = { format, distribution, derivative };
    return toWire(await this.registries.artifactSource(instance, place, binary));
  }

  @DbusMethod({ in: { ...PLACE, architecture: 's', artifact: 's' }, out: 'aa{sv}' })
  async changelog(
    { instance }: InstanceCall,
    format: string,
    distribution: string,
    derivative: string,
    architecture: string,
    artifact: string,
  ): Promise<WireStructure[]> {
    const place = { format, distribution, derivative };
    return (await this.registries.changelog(instance, place, architecture, artifact)).map(toWire);
  }

  @DbusMethod({ in: { ...PLACE, architecture: 's', artifact: 's' }, out: 'aa{sv}' })
  async artifactContent(
    { instance }: InstanceCall,
    format: string,
    distribution: string,
    derivative: string,
    architecture: string,
    artifact: string,
  ): Promise<WireStructure[]> {
    const place = { format, distribution, derivative };
    return (await this.registries.content(instance, place, architecture, artifact)).map(toWire);
  }

  @DbusMethod({ in: { ...PLACE, artifact: 'a{sv}' }, out: 's' })
  async artifactDelete(
    call: InstanceCall,
    format: string,
    distribution: string,
    derivative: string,
    artifact: Partial<Artifact>,
  ): Promise<string> {
    const { name, architecture, version, size = -1 } = artifact;
    if (name === undefined || architecture === undefined || version === undefined) {
      throw badArgument('artifact', 'expected the fields name, architecture and version');
    }
    const place = { format, distribution, derivative };
    const target = { name, architecture, version, size };
    await this.registries.deletion(call.instance, place, target);
    return this.submit(call, { name: 'artifact deletion', ...place, artifact: target });
  }

  @DbusMethod({
    in: { format: 's' },
    out: 's',
    doc: 'Rebuilds the index of a registry from its files. Addition to Fatbuildr 2.1.',
  })
  async registryReindex(call: InstanceCall, format: string): Promise<string> {
    await this.registries.distributions(call.instance, format);
    return this.submit(call, { name: 'registry reindexing', format });
  }

  // Builds

  @DbusMethod({
    out: 's',
    doc: 'Folder for the files a client submits with a build. Addition to Fatbuildr 2.1.',
  })
  uploads(): string {
    return join(this.configuration.dirs.run, UPLOADS_FOLDER);
  }

  @DbusMethod({
    in: {
      format: 's',
      distribution: 's',
      architectures: 'as',
      derivative: 's',
      artifact: 's',
      author: 's',
      email: 's',
      message: 's',
      tarball: 's',
      sources: 'aa{sv}',
      interactive: 'b',
    },
    out: 's',
  })
  build(
    { instance, user, uid }: InstanceCall,
    format: string,
    distribution: string,
    architectures: string[],
    derivative: string,
    artifact: string,
    author: string,
    email: string,
    message: string,
    tarball: string,
    sources: SourceArchive[],
    interactive: boolean,
  ): Promise<string> {
    if (interactive) throw badArgument('interactive', 'this daemon has no interactive builds');
    instance.requirePipeline(format, distribution, derivative);
    const wanted = [...new Set(architectures.length > 0 ? architectures : instance.architectures)];
    for (const architecture of wanted) instance.requireArchitecture(architecture);
    return this.tasks.submit(instance.id, user, async (workspace) => {
      const archive = await takeOver(tarball, uid, workspace);
      await rename(archive, join(workspace, DEFINITION_ARCHIVE));
      const archives: SourceArchive[] = [];
      for (const { id, path } of sources) {
        archives.push({ id, path: await takeOver(path, uid, join(workspace, SOURCE_ARCHIVES)) });
      }
      return {
        name: 'artifact build',
        ...{ format, distribution, architectures: wanted, derivative, artifact },
        ...{ author, email, message, archives },
      };
    });
  }

  // Keyring

  @DbusProperty({ type: 'a{sv}' })
  async keyring({ instance }: InstanceCall): Promise<WireStructure> {
    return toWire(await this.keys.describe(instance));
  }

  @DbusProperty({ type: 's' })
  keyringExport({ instance }: InstanceCall): Promise<string> {
    return this.keys.export(instance);
  }

  @DbusMethod({ out: 's' })
  keyringCreate(call: InstanceCall): Promise<string> {
    return this.submit(call, { name: 'keyring creation' });
  }

  @DbusMethod({ in: { duration: 's' }, out: 's' })
  keyringRenew(call: InstanceCall, duration: string): Promise<string> {
    return this.submit(call, { name: 'keyring renewal', duration });
  }

  // Images and build environments

  @DbusMethod({ in: { format: 's', force: 'b' }, out: 's' })
  imageCreate(call: InstanceCall, format: string, force: boolean): Promise<string> {
    call.instance.distributions(format);
    return this.submit(call, { name: 'image creation', format, force });
  }

  @DbusMethod({ in: { format: 's' }, out: 's' })
  imageUpdate(call: InstanceCall, format: string): Promise<string> {
    call.instance.distributions(format);
    return this.submit(call, { name: 'image update', format });
  }

  @DbusMethod({ in: ENVIRONMENT, out: 's' })
  imageEnvironmentCreate(
    call: InstanceCall,
    format: string,
    environment: string,
    architecture: string,
  ): Promise<string> {
    requireEnvironment(call.instance, format, environment, architecture);
    return this.submit(call, {
      name: 'image build environment creation',
      ...{ format, environment, architecture },
    });
  }

  @DbusMethod({ in: ENVIRONMENT, out: 's' })
  imageEnvironmentUpdate(
    call: InstanceCall,
    format: string,
    environment: string,
    architecture: string,
  ): Promise<string> {
    requireEnvironment(call.instance, format, environment, architecture);
    return this.submit(call, {
      name: 'image build environment update',
      ...{ format, environment, architecture },
    });
  }

  private submit({ instance, user }: InstanceCall, parameters: TaskParameters): Promise<string> {
    return this.tasks.submit(instance.id, user, parameters);
  }
}
