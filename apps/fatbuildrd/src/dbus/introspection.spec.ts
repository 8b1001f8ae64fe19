import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INSTANCE_INTERFACE, MANAGER_INTERFACE } from '@fatbuildr/protocol-dbus';
import { interfaceOf } from './dbus.decorators';
import { introspection } from './introspection';
import { DBUS_OBJECTS } from './objects';
import { ACTIONS } from '@fatbuildr/access';
import { actionId } from './polkit-actions';

/** Members of the contract: `in → out`, properties by their type, and the action of polkit. */
const CONTRACT: Record<string, readonly [signature: string, action: string]> = {
  Instance: ['a{sv}', 'view-pipeline'],
  PipelinesFormats: ['as', 'view-pipeline'],
  PipelinesArchitectures: ['as', 'view-pipeline'],
  PipelinesFormatDistributions: ['s → as', 'view-pipeline'],
  PipelinesDistributionFormat: ['s → s', 'view-pipeline'],
  PipelinesDistributionEnvironment: ['s → s', 'view-pipeline'],
  PipelinesDistributionDerivatives: ['s → as', 'view-pipeline'],
  PipelinesDerivativeFormats: ['s → as', 'view-pipeline'],
  Queue: ['aa{sv}', 'view-task'],
  Running: ['a{sv}', 'view-task'],
  History: ['i → aa{sv}', 'view-task'],
  Archives: ['i → aa{sv}', 'view-task'],
  HistoryPurge: [' → s', 'purge-history'],
  TaskCancel: ['s → b', 'manage-task'],
  TaskRetry: ['s → s', 'view-task'],
  Formats: ['as', 'view-registry'],
  Distributions: ['s → as', 'view-registry'],
  Derivatives: ['ss → as', 'view-registry'],
  Artifacts: ['sss → aa{sv}', 'view-registry'],
  ArtifactBinaries: ['ssss → aa{sv}', 'view-registry'],
  ArtifactSource: ['ssss → a{sv}', 'view-registry'],
  Changelog: ['sssss → aa{sv}', 'view-registry'],
  ArtifactContent: ['sssss → aa{sv}', 'view-registry'],
  ArtifactDelete: ['sssa{sv} → s', 'edit-registry'],
  ArtifactDeleteAs: ['ssssa{sv} → s', 'edit-registry-as'],
  Build: ['ssasssssssaa{sv}b → s', 'build'],
  BuildAs: ['sssasssssssaa{sv}b → s', 'build-as'],
  Keyring: ['a{sv}', 'view-keyring'],
  KeyringExport: ['s', 'view-keyring'],
  KeyringCreate: [' → s', 'edit-keyring'],
  KeyringRenew: ['s → s', 'edit-keyring'],
  ImageCreate: ['sb → s', 'manage-image'],
  ImageUpdate: ['s → s', 'manage-image'],
  ImageEnvironmentCreate: ['sss → s', 'manage-image'],
  ImageEnvironmentUpdate: ['sss → s', 'manage-image'],
};

const METADATA = DBUS_OBJECTS.map((object) => interfaceOf(object)!);
const parts = METADATA.filter(({ name }) => name === INSTANCE_INTERFACE);

describe('the D-Bus interface of an instance', () => {
  it('has the members, signatures and actions of the contract', () => {
    const members = new Map(
      parts
        .flatMap((part) => part.members)
        .map(({ kind, name, in: args, out, requires }) => [
          name,
          [kind === 'property' ? out : `${Object.values(args).join('')} → ${out}`, requires],
        ]),
    );
    for (const [name, expected] of Object.entries(CONTRACT)) {
      expect([name, members.get(name)]).toEqual([name, expected]);
    }
  });

  it('is described with names and types of its arguments, its actions, signals and children', () => {
    const xml = introspection(parts, ['prod']);
    expect(xml.match(/<interface name="org.rackslab.Fatbuildr.Instance">/g)).toHaveLength(1);
    expect(xml).toContain('<arg name="distribution" type="s" direction="in"/>');
    expect(xml).toContain('<property name="Queue" type="aa{sv}" access="read">');
    expect(xml).toContain('"org.rackslab.Fatbuildr.view-task"');
    expect(xml).toContain('<signal name="TaskStateChanged">');
    expect(xml).toContain('<node name="prod"/>');
  });
});

describe('the D-Bus interface of the service', () => {
  it('gives the path of an instance and lists the instances', () => {
    const { members } = METADATA.find(({ name }) => name === MANAGER_INTERFACE)!;
    expect(members.find(({ name }) => name === 'GetInstance')).toMatchObject({
      out: 'o',
      requires: 'none',
    });
    expect(members.find(({ name }) => name === 'Instances')).toMatchObject({
      kind: 'property',
      out: 'aa{sv}',
      requires: 'view-pipeline',
    });
  });
});

describe('the members of all interfaces', () => {
  it('have each their own name and say what they require of their caller', () => {
    const all = METADATA.flatMap(({ name, members }) =>
      members.map((member) => ({ ...member, name: `${name}.${member.name}` })),
    );
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    expect(all.filter(({ requires }) => requires === undefined)).toEqual([]);
  });

  it('require actions that our policy of polkit describes, and it describes no others', () => {
    const file = join(__dirname, '../../../../packaging/polkit/org.rackslab.Fatbuildr.policy');
    const described = [...readFileSync(file, 'utf8').matchAll(/<action id="(.*)">/g)];
    expect(described.map(([, id]) => id)).toEqual(ACTIONS.map(actionId));
  });
});
