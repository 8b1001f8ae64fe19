import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Configuration, loadConfiguration } from '@fatbuildr/config';
import { type KeyringOwner, KeyringService } from '@fatbuildr/keyring';
import { run } from '@fatbuildr/processes';

// What the keyring makes is judged by GnuPG alone: gpg reads the keys, gpgv verifies as apt does.

// Two RSA keys are searched for; on a busy machine that can take a while.
jest.setTimeout(120_000);

const DAY = 86_400;
const instance: KeyringOwner = {
  id: 'prod',
  gpg: { name: 'ACME Packages', email: 'packages@acme.example' },
};
const RELEASE = 'Origin: Production\nSuite: bookworm\n- dash\n\nSHA256:\n 00 1 main\n';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fatbuildr-keyring-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function gpg(home: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(['gpg', '--homedir', home, '--batch', '--no-autostart', ...args]);
  return stdout.toString('utf8');
}

/** Fingerprints, algorithms and expiries of master key and subkey, as gpg sees them. */
async function keysOf(home: string) {
  const records = (await gpg(home, '--with-colons', '--list-keys'))
    .split('\n')
    .map((line) => line.split(':'));
  // GnuPG doc/DETAILS: 3 key length, 4 algorithm, 6 creation, 7 expiration, 12 capabilities.
  return records.flatMap(
    ([type = '', validity, length, algorithm, , creation, expires, ...rest], at) =>
      type === 'pub' || type === 'sub'
        ? [
            {
              type,
              validity,
              length,
              algorithm,
              lifetime: expires === '' ? undefined : Number(expires) - Number(creation),
              capabilities: rest[4]?.replace(/[A-Z]/g, ''),
              fingerprint: records[at + 1]?.[9],
            },
          ]
        : [],
  );
}

describe.each([
  ['rsa', { length: '4096', algorithm: '1' }],
  ['ed25519', { length: '255', algorithm: '22' }],
] as const)('a keyring of type %s', (type, algorithm) => {
  let keyring: KeyringService;
  let place: string;
  let ring: string;
  let subkey: string;

  const file = (name: string) => join(place, name);

  /** The exported key as a keyring for gpgv, in the form apt gives it. */
  async function exportRing(name: string): Promise<string> {
    await writeFile(file(`${name}.asc`), await keyring.export(instance));
    await rm(file(`${name}.gpg`), { force: true });
    await run(['gpg', '--batch', '-o', file(`${name}.gpg`), '--dearmor', file(`${name}.asc`)]);
    return file(`${name}.gpg`);
  }

  /** Imports the key into a fresh gpg home and lists it. */
  async function imported(name: string) {
    const home = file(`home-${name}`);
    await mkdir(home, { mode: 0o700 });
    await writeFile(file(`${name}.asc`), await keyring.export(instance));
    await gpg(home, '--import', file(`${name}.asc`));
    return keysOf(home);
  }

  /** @returns the fingerprint of the (sub)key that made a good signature */
  async function verify(keys: string, ...signed: string[]): Promise<string | undefined> {
    const { stdout } = await run(['gpgv', '--status-fd', '1', '--keyring', keys, ...signed]);
    // GnuPG doc/DETAILS: VALIDSIG fingerprint date …; the 8th field after it is the hash, 10 = SHA-512.
    const fields = /^\[GNUPG:\] VALIDSIG (.*)$/m.exec(stdout.toString('utf8'))?.[1]?.split(' ');
    expect(fields?.[7]).toBe('10');
    return fields?.[0];
  }

  beforeAll(async () => {
    place = join(folder, type);
    await mkdir(place);
    const configuration = loadConfiguration({ home: place, env: {} });
    const settings: Configuration['keyring'] = { ...configuration.keyring, type };
    keyring = new KeyringService({ ...configuration, keyring: settings });
    await keyring.create(instance);
    ring = await exportRing('ring');
    subkey = (await keyring.describe(instance)).subkey.fingerprint;
    await writeFile(file('Release'), RELEASE);
  });

  it('is imported by gpg as described: a master key and a signing subkey without expiry', async () => {
    const { fingerprint } = await keyring.describe(instance);
    expect(await imported('first')).toEqual([
      expect.objectContaining({
        ...{ type: 'pub', ...algorithm, capabilities: 'sc' },
        ...{ fingerprint, lifetime: undefined },
      }),
      expect.objectContaining({
        ...{ type: 'sub', ...algorithm, capabilities: 's' },
        ...{ fingerprint: subkey, lifetime: undefined },
      }),
    ]);
  });

  it('clear-signs by the subkey, and the text comes out unchanged', async () => {
    await writeFile(file('InRelease'), await keyring.clearSign(instance, RELEASE));
    expect(await verify(ring, file('InRelease'))).toBe(subkey);
    const { stdout } = await run(['gpgv', '--keyring', ring, '-o', '-', file('InRelease')]);
    expect(stdout.toString('utf8')).toBe(RELEASE);
  });

  it.each([true, false])('signs apart by the subkey (armored: %s)', async (armored) => {
    const signature = file(armored ? 'Release.asc' : 'Release.sig');
    const bytes = await keyring.detachSign(instance, Buffer.from(RELEASE), { armored });
    expect(bytes.toString('latin1').startsWith('-----BEGIN PGP SIGNATURE-----\n')).toBe(armored);
    await writeFile(signature, bytes);
    expect(await verify(ring, signature, file('Release'))).toBe(subkey);

    await writeFile(file('Other'), `${RELEASE}Evil: yes\n`);
    await expect(verify(ring, signature, file('Other'))).rejects.toMatchObject({
      code: 'PROCESS.FAILED',
      message: expect.stringContaining('BAD signature') as string,
    });
  });

  it('marks no subpacket critical that RPM refuses, and adds no notation', async () => {
    await keyring.renew(instance, '1y');
    const { stdout } = await run(['gpg', '--list-packets', await exportRing('packets')]);
    const subpackets = stdout.toString('utf8').match(/subpkt \d+/g) ?? [];
    expect(subpackets).toEqual(expect.arrayContaining(['subpkt 9', 'subpkt 32']));
    expect(stdout.toString('utf8')).not.toMatch(/critical hashed subpkt (?:3|9|32) /);
    expect(subpackets).not.toContain('subpkt 20');
  });

  it('shows a new expiry to gpg, and old signatures stay good', async () => {
    await writeFile(file('old.asc'), await keyring.clearSign(instance, RELEASE));
    const before = await keyring.describe(instance);
    await keyring.renew(instance, '3w');
    const after = await keyring.describe(instance);
    const seconds = (text: string) => Date.parse(`${text.replace(' ', 'T')}Z`) / 1000;
    const lifetime = seconds(after.last_update) - seconds(after.creation) + 21 * DAY;

    expect(await imported('renewed')).toEqual([
      expect.objectContaining({ type: 'pub', fingerprint: before.fingerprint, lifetime }),
      expect.objectContaining({ type: 'sub', fingerprint: subkey, lifetime }),
    ]);
    const renewed = await exportRing('renewed-ring');
    expect(await verify(renewed, file('old.asc'))).toBe(subkey);
    // And what is signed from now on is good for who has the old key still.
    await writeFile(file('new.asc'), await keyring.clearSign(instance, RELEASE));
    expect(await verify(ring, file('new.asc'))).toBe(subkey);
    expect(await verify(renewed, file('new.asc'))).toBe(subkey);
  });

  it('updates the key of who imports it again, up to no expiry at all', async () => {
    const home = file('home-again');
    await mkdir(home, { mode: 0o700 });
    for (const duration of ['2y', '0']) {
      await keyring.renew(instance, duration);
      await writeFile(file('again.asc'), await keyring.export(instance));
      await gpg(home, '--import', file('again.asc'));
      const lifetimes = (await keysOf(home)).map(({ lifetime }) => lifetime);
      if (duration === '0') expect(lifetimes).toEqual([undefined, undefined]);
      else for (const lifetime of lifetimes) expect(lifetime).toBeGreaterThanOrEqual(730 * DAY);
    }
  });
});
