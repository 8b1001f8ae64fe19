import { parseUnmetDependencies } from './unmet-dependencies';

describe('parseUnmetDependencies', () => {
  it('names each relation once', () => {
    const printed = `Reading package lists...
Some packages could not be installed.
The following packages have unmet dependencies:
 builddeps:/mnt/source.dsc : Depends: libnot-there-dev but it is not installable
                             Depends: debhelper (>= 99) but 13.11.4 is to be installed
                             Depends: libnot-there-dev but it is not installable
E: Unable to correct problems, you have held broken packages.
`;
    expect(parseUnmetDependencies(printed)).toEqual([
      'libnot-there-dev but it is not installable',
      'debhelper (>= 99) but 13.11.4 is to be installed',
    ]);
  });

  it('finds nothing in other failures', () => {
    expect(parseUnmetDependencies('E: Failed to fetch http://mirror.example.org/x')).toEqual([]);
  });
});
