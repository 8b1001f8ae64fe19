import { interfaceOf } from './dbus.decorators';
import { FatbuildrObject } from './fatbuildr.dbus';
import { InstanceObject } from './instance.dbus';
import { introspection } from './introspection';

/** Members and signatures of the contract: `in → out`, properties by their type. */
const CONTRACT: Record<string, string> = {
  Instance: 'a{sv}',
  PipelinesFormats: 'as',
  PipelinesArchitectures: 'as',
  PipelinesFormatDistributions: 's → as',
  PipelinesDistributionFormat: 's → s',
  PipelinesDistributionEnvironment: 's → s',
  PipelinesDistributionDerivatives: 's → as',
  PipelinesDerivativeFormats: 's → as',
  Queue: 'aa{sv}',
  Running: 'a{sv}',
  History: 'i → aa{sv}',
  Archives: 'i → aa{sv}',
  Formats: 'as',
  Distributions: 's → as',
  Derivatives: 'ss → as',
  Artifacts: 'sss → aa{sv}',
  ArtifactBinaries: 'ssss → aa{sv}',
  ArtifactSource: 'ssss → a{sv}',
  Changelog: 'sssss → aa{sv}',
  ArtifactContent: 'sssss → aa{sv}',
  ArtifactDelete: 'sssa{sv} → s',
  Build: 'ssasssssssaa{sv}b → s',
  Keyring: 'a{sv}',
  KeyringExport: 's',
  KeyringCreate: ' → s',
  KeyringRenew: 's → s',
  ImageCreate: 'sb → s',
  ImageUpdate: 's → s',
  ImageEnvironmentCreate: 'sss → s',
  ImageEnvironmentUpdate: 'sss → s',
};

describe('the D-Bus interface of an instance', () => {
  const metadata = interfaceOf(InstanceObject)!;

  it('has the members and signatures of the contract', () => {
    const signatures = new Map(
      metadata.members.map(({ kind, name, in: args, out }) => [
        name,
        kind === 'property' ? out : `${Object.values(args).join('')} → ${out}`,
      ]),
    );
    for (const [name, signature] of Object.entries(CONTRACT)) {
      expect([name, signatures.get(name)]).toEqual([name, signature]);
    }
  });

  it('is described with names and types of its arguments, signals and children', () => {
    const xml = introspection([metadata], ['prod']);
    expect(xml).toContain('<interface name="org.rackslab.Fatbuildr.Instance">');
    expect(xml).toContain('<arg name="distribution" type="s" direction="in"/>');
    expect(xml).toContain('<property name="Queue" type="aa{sv}" access="read">');
    expect(xml).toContain('<signal name="TaskStateChanged">');
    expect(xml).toContain('<node name="prod"/>');
  });
});

describe('the D-Bus interface of the service', () => {
  it('gives the path of an instance and lists the instances', () => {
    const members = interfaceOf(FatbuildrObject)!.members;
    expect(members.find(({ name }) => name === 'GetInstance')).toMatchObject({ out: 'o' });
    expect(members.find(({ name }) => name === 'Instances')).toMatchObject({
      kind: 'property',
      out: 'aa{sv}',
    });
  });
});
