import { badPackages, installCommands } from './prescript-packages';

it('takes names and modules, and nothing that dnf would read otherwise', () => {
  const good = ['git', 'gcc-c++', 'pkgconfig(zlib)', '@development', 'module:nodejs:18'];
  const bad = ['/etc', './x.rpm', 'http://a/x.rpm', '--nogpgcheck', 'module:../x', 'a b'];
  expect(badPackages([...good, ...bad])).toEqual(bad);
});

it('enables modules before it installs packages', () => {
  expect(installCommands(['npm', 'module:nodejs:18', 'git'])).toEqual([
    ['module', 'enable', 'nodejs:18'],
    ['install', 'npm', 'git'],
  ]);
  expect(installCommands([])).toEqual([]);
});
