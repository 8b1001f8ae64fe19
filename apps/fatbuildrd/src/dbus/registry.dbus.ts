import { Injectable } from '@nestjs/common';
import type { Artifact } from '@fatbuildr/protocol';
import {
  INSTANCE_INTERFACE,
  toWire,
  toWireList,
  type WireStructure,
} from '@fatbuildr/protocol-dbus';
import { RegistriesService } from '@fatbuildr/registries';
import { TasksService } from '@fatbuildr/tasks';
import { onBehalf } from './behalf';
import { badArgument } from './dbus.errors';
import {
  DbusInterface,
  DbusMethod,
  DbusProperty,
  Polkit,
  type InstanceCall,
} from './dbus.decorators';
import { INSTANCES_PATH } from './fatbuildr.dbus';

const PLACE = { format: 's', distribution: 's', derivative: 's' } as const;

/** The registries of one instance. */
@Injectable()
@DbusInterface({ name: INSTANCE_INTERFACE, path: INSTANCES_PATH, perInstance: true })
export class RegistryObject {
  constructor(
    private readonly tasks: TasksService,
    private readonly registries: RegistriesService,
  ) {}

  @Polkit('view-registry')
  @DbusProperty({ type: 'as' })
  formats({ instance }: InstanceCall): readonly string[] {
    return this.registries.formats(instance);
  }

  @Polkit('view-registry')
  @DbusMethod({ in: { format: 's' }, out: 'as' })
  distributions({ instance }: InstanceCall, format: string): Promise<string[]> {
    return this.registries.distributions(instance, format);
  }

  @Polkit('view-registry')
  @DbusMethod({ in: { format: 's', distribution: 's' }, out: 'as' })
  derivatives({ instance }: InstanceCall, format: string, distribution: string): Promise<string[]> {
    return this.registries.derivatives(instance, format, distribution);
  }

  @Polkit('view-registry')
  @DbusMethod({ in: PLACE, out: 'aa{sv}' })
  async artifacts(
    { instance }: InstanceCall,
    format: string,
    distribution: string,
    derivative: string,
  ): Promise<Iterable<WireStructure>> {
    const place = { format, distribution, derivative };
    return toWireList(await this.registries.artifacts(instance, place), (artifact) => artifact);
  }

  @Polkit('view-registry')
  @DbusMethod({
    in: { text: 's' },
    out: 'aa{sv}',
    doc: 'Artifacts whose name contains the text: artifact fields with format, distribution and derivative. Addition to Fatbuildr 2.1.',
  })
  async search({ instance }: InstanceCall, text: string): Promise<Iterable<WireStructure>> {
    const found = await this.registries.search(instance, text);
    // Named members: collecting the rest of each into an object takes two thirds of the whole call.
    return toWireList(found, ({ artifact, format, distribution, derivative }) => ({
      format,
      distribution,
      derivative,
      ...artifact,
    }));
  }

  @Polkit('view-registry')
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

  @Polkit('view-registry')
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

  @Polkit('view-registry')
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

  @Polkit('view-registry')
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

  @Polkit('edit-registry')
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
    return this.tasks.submit(call.instance.id, call.user, {
      name: 'artifact deletion',
      ...place,
      artifact: target,
    });
  }

  @Polkit('edit-registry-as')
  @DbusMethod({ in: { user: 's', ...PLACE, artifact: 'a{sv}' }, out: 's' })
  artifactDeleteAs(
    call: InstanceCall,
    user: string,
    format: string,
    distribution: string,
    derivative: string,
    artifact: Partial<Artifact>,
  ): Promise<string> {
    const behalf = onBehalf(call, user);
    return this.artifactDelete(behalf, format, distribution, derivative, artifact);
  }

  @Polkit('edit-registry')
  @DbusMethod({
    in: { format: 's' },
    out: 's',
    doc: 'Rebuilds the index of a registry from its files. Addition to Fatbuildr 2.1.',
  })
  async registryReindex(call: InstanceCall, format: string): Promise<string> {
    await this.registries.distributions(call.instance, format);
    return this.tasks.submit(call.instance.id, call.user, { name: 'registry reindexing', format });
  }
}
