import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { busAddress, nodeSocketAddress } from './bus-address';

describe('busAddress', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'fatbuildr-bus-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('takes the buses of the environment, or those every host has', async () => {
    const env = {
      DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/a',
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/b',
    };
    await expect(busAddress({ kind: 'system' }, env)).resolves.toBe('unix:path=/a');
    await expect(busAddress({ kind: 'session' }, env)).resolves.toBe('unix:path=/b');
    await expect(busAddress({ kind: 'system' }, {})).resolves.toBe(
      'unix:path=/run/dbus/system_bus_socket',
    );
  });

  it('finds the session bus where systemd puts it, or says that there is none', async () => {
    const env = { XDG_RUNTIME_DIR: folder };
    await expect(busAddress({ kind: 'session' }, env)).rejects.toThrow('there is no session bus');
    await writeFile(join(folder, 'bus'), '');
    await expect(busAddress({ kind: 'session' }, env)).resolves.toBe(`unix:path=${folder}/bus`);
  });

  it('reads the address that the daemon of a home left', async () => {
    const bus = { kind: 'home', home: folder } as const;
    await expect(busAddress(bus)).rejects.toThrow(
      `no daemon runs under ${folder}, start it with: fatbuildrd --home ${folder}`,
    );
    await mkdir(join(folder, 'run'));
    await writeFile(join(folder, 'run', 'bus.address'), 'unix:path=/c\n');
    await expect(busAddress(bus)).resolves.toBe('unix:path=/c');
  });
});

describe('nodeSocketAddress', () => {
  it.each([
    ['unix:path=/run/bus,guid=12', 'unix:socket=/run/bus,guid=12'],
    ['unix:guid=12,path=/run/bus', 'unix:guid=12,socket=/run/bus'],
    ['unix:abstract=/tmp/dbus-x', 'unix:socket=\0/tmp/dbus-x'],
    ['unix:path=/with%20blank', 'unix:socket=/with blank'],
    ['unix:path=/a;tcp:host=localhost,port=1', 'unix:socket=/a;tcp:host=localhost,port=1'],
  ])('spells %s for Node', (address, spelt) => {
    expect(nodeSocketAddress(address)).toBe(spelt);
  });
});
