import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Configuration, loadConfiguration } from '@fatbuildr/config';
import { type KeyringOwner, KeyringService } from './keyring.service';

const instance: KeyringOwner = {
  id: 'prod',
  gpg: { name: 'ACME, Packägers & Sons', email: 'packages@acme.example' },
};
const DAY = 86_400_000;

let storage: string;

function service(overrides: Partial<Configuration['keyring']> = {}): KeyringService {
  const configuration = loadConfiguration({ home: storage, env: {} });
  return new KeyringService({
    ...configuration,
    // Made in milliseconds; RSA is in the integration tests.
    keyring: { ...configuration.keyring, storage, type: 'ed25519', ...overrides },
  });
}

const seconds = (text: string) => Date.parse(`${text.replace(' ', 'T')}Z`);
const mode = async (...path: string[]) => (await stat(join(storage, ...path))).mode & 0o777;

beforeEach(async () => {
  storage = await mkdtemp(join(tmpdir(), 'fatbuildr-keyring-'));
});
afterEach(() => rm(storage, { recursive: true }));

describe('a created keyring', () => {
  it('is described as the contract says', async () => {
    const keyring = service({ expires: (10 * DAY) / 1000 });
    await keyring.create(instance);
    const description = await keyring.describe(instance);
    const { fingerprint, creation, subkey } = description;
    expect(description).toEqual({
      userid: 'ACME, Packägers & Sons <packages@acme.example>',
      id: fingerprint.slice(-16),
      fingerprint: expect.stringMatching(/^[0-9A-F]{40}$/) as string,
      algo: 'ed25519',
      creation: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) as string,
      expires: expect.any(String) as string,
      last_update: creation,
      subkey: {
        fingerprint: expect.stringMatching(/^[0-9A-F]{40}$/) as string,
        algo: 'ed25519',
        creation,
        expires: description.expires,
      },
    });
    expect(subkey.fingerprint).not.toBe(fingerprint);
    expect(seconds(description.expires) - seconds(creation)).toBe(10 * DAY);
  });

  it('never expires unless the configuration says so', async () => {
    const keyring = service();
    await keyring.create(instance);
    const { expires, subkey } = await keyring.describe(instance);
    expect([expires, subkey.expires]).toEqual(['never', 'never']);
  });

  it('keeps key and passphrase private and apart, the public key beside', async () => {
    await service().create(instance);
    expect(await mode('prod')).toBe(0o700);
    expect(await mode('passphrases.d')).toBe(0o700);
    expect(await mode('prod', 'keyring.asc')).toBe(0o600);
    expect(await mode('prod', 'public.asc')).toBe(0o644);
    expect(await mode('passphrases.d', 'prod')).toBe(0o400);
    expect((await readdir(join(storage, 'prod'))).sort()).toEqual(['keyring.asc', 'public.asc']);
    const passphrase = await readFile(join(storage, 'passphrases.d', 'prod'), 'utf8');
    expect(await readFile(join(storage, 'prod', 'keyring.asc'), 'utf8')).not.toContain(passphrase);
  });

  it('is exported without its private parts, with Unix line ends', async () => {
    const keyring = service();
    await keyring.create(instance);
    const exported = await keyring.export(instance);
    expect(exported).toMatch(/^-----BEGIN PGP PUBLIC KEY BLOCK-----\n/);
    expect(exported).not.toMatch(/PRIVATE|\r/);
    expect(await readFile(join(storage, 'prod', 'public.asc'), 'utf8')).toBe(exported);
  });

  it('is not replaced by another', async () => {
    const keyring = service();
    await keyring.create(instance);
    const { fingerprint } = await keyring.describe(instance);
    await expect(keyring.create(instance)).rejects.toMatchObject({
      code: 'KEYRING.EXISTS',
      message: expect.stringContaining(fingerprint) as string,
    });
    expect((await service().describe(instance)).fingerprint).toBe(fingerprint);
  });

  it('is made once by two who ask at the same time', async () => {
    const keyring = service();
    const results = await Promise.allSettled([keyring.create(instance), keyring.create(instance)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(keyring.clearSign(instance, 'text')).resolves.toContain('text');
  });

  it('is another for another instance', async () => {
    const keyring = service();
    const other = { ...instance, id: 'dev' };
    await keyring.create(instance);
    await expect(keyring.describe(other)).rejects.toMatchObject({ code: 'KEYRING.MISSING' });
    await keyring.create(other);
    const [one, two] = [await keyring.describe(instance), await keyring.describe(other)];
    expect(one.fingerprint).not.toBe(two.fingerprint);
  });
});

describe('signing', () => {
  it('gives clear text LF line ends, no trailing blanks and no line of its own', async () => {
    const keyring = service();
    await keyring.create(instance);
    const signed = await keyring.clearSign(instance, 'Origin: x  \r\n- dash\t\nEnd\n');
    expect(signed).toMatch(
      /^-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nOrigin: x\n- - dash\nEnd\n-----BEGIN PGP SIGNATURE-----\n\n/,
    );
    expect(signed).not.toContain('\r');
  });

  it('uses the new key when the file changes under it', async () => {
    const [daemon, admin] = [service(), service()];
    await daemon.create(instance);
    const before = await daemon.describe(instance);
    await daemon.detachSign(instance, Buffer.from('x'), { armored: true });
    await rm(join(storage, 'prod', 'keyring.asc'));
    await admin.create(instance);
    const after = await daemon.describe(instance);
    expect(after.fingerprint).not.toBe(before.fingerprint);
    expect(await daemon.export(instance)).toBe(await admin.export(instance));
    await expect(daemon.clearSign(instance, 'x')).resolves.toContain('SIGNATURE');
  });

  it('refuses with an expired key and says how to extend it', async () => {
    const keyring = service({ expires: 1 });
    await keyring.create(instance);
    const { expires } = await keyring.describe(instance);
    jest.useFakeTimers({ now: seconds(expires) });
    try {
      await expect(keyring.clearSign(instance, 'x')).rejects.toMatchObject({
        code: 'KEYRING.EXPIRED',
        message: expect.stringContaining(expires) as string,
      });
    } finally {
      jest.useRealTimers();
    }
    await keyring.renew(instance, '1y');
    await expect(keyring.clearSign(instance, 'x')).resolves.toContain('SIGNATURE');
  });
});

describe('renewal', () => {
  it.each([
    ['10', 10],
    ['3w', 21],
    ['6m', 180],
    ['2y', 730],
  ])('%s counts from now, for key and subkey', async (duration, days) => {
    const keyring = service();
    await keyring.create(instance);
    const before = await keyring.describe(instance);
    await keyring.renew(instance, duration);
    const after = await keyring.describe(instance);
    expect(seconds(after.expires)).toBe(seconds(after.last_update) + days * DAY);
    expect(after.subkey.expires).toBe(after.expires);
    expect(seconds(after.last_update)).toBeGreaterThan(seconds(before.last_update));
    expect({
      ...after,
      expires: '',
      last_update: '',
      subkey: { ...after.subkey, expires: '' },
    }).toEqual({
      ...before,
      expires: '',
      last_update: '',
      subkey: { ...before.subkey, expires: '' },
    });
  });

  it('0 removes the expiry', async () => {
    const keyring = service({ expires: 1000 });
    await keyring.create(instance);
    await keyring.renew(instance, '0');
    const { expires, subkey } = await keyring.describe(instance);
    expect([expires, subkey.expires]).toEqual(['never', 'never']);
  });

  it('refuses what is no duration and leaves the key as it was', async () => {
    const keyring = service();
    await keyring.create(instance);
    await expect(keyring.renew(instance, '3q')).rejects.toMatchObject({ code: 'CONFIG.VALUE' });
    expect((await keyring.describe(instance)).expires).toBe('never');
  });
});

describe('a keyring that is not whole', () => {
  it('that is missing says how to create it', async () => {
    const keyring = service();
    for (const ask of [
      () => keyring.describe(instance),
      () => keyring.export(instance),
      () => keyring.renew(instance, '1y'),
      () => keyring.clearSign(instance, 'x'),
      () => keyring.detachSign(instance, Buffer.from('x'), { armored: false }),
    ]) {
      await expect(ask()).rejects.toMatchObject({
        code: 'KEYRING.MISSING',
        message: expect.stringContaining('fatbuildrctl keyring create') as string,
      });
    }
  });

  it('is not there yet when only its passphrase was written, and can be made then', async () => {
    await service().create(instance);
    await rm(join(storage, 'prod'), { recursive: true });
    const keyring = service();
    await expect(keyring.describe(instance)).rejects.toMatchObject({ code: 'KEYRING.MISSING' });
    await keyring.create(instance);
    await expect(keyring.clearSign(instance, 'x')).resolves.toContain('SIGNATURE');
  });

  it('gets its public file again when a crash kept it from being written', async () => {
    await service().create(instance);
    const file = join(storage, 'prod', 'public.asc');
    const exported = await readFile(file, 'utf8');
    await rm(file);
    expect(await service().export(instance)).toBe(exported);
    expect(await readFile(file, 'utf8')).toBe(exported);
    await writeFile(file, 'stale');
    expect((await service().describe(instance)).algo).toBe('ed25519');
    expect(await readFile(file, 'utf8')).toBe(exported);
  });

  it('serves its public half where the private one is not', async () => {
    const made = service();
    await made.create(instance);
    const [description, exported] = [await made.describe(instance), await made.export(instance)];
    await rm(join(storage, 'prod', 'keyring.asc'));
    const elsewhere = service();
    expect(await elsewhere.describe(instance)).toEqual(description);
    expect(await elsewhere.export(instance)).toBe(exported);
    await expect(elsewhere.clearSign(instance, 'x')).rejects.toMatchObject({
      code: 'KEYRING.MISSING',
    });
  });

  it('names the file that is wrong', async () => {
    await service().create(instance);
    const passphrase = join(storage, 'passphrases.d', 'prod');
    await rm(passphrase);
    const broken = (file: string) => ({
      code: 'KEYRING.BROKEN',
      message: expect.stringContaining(file) as string,
    });
    const keyring = service();
    await expect(keyring.clearSign(instance, 'x')).rejects.toMatchObject(broken(passphrase));
    await writeFile(passphrase, 'wrong');
    await expect(keyring.clearSign(instance, 'x')).rejects.toMatchObject(broken(passphrase));
    const key = join(storage, 'prod', 'keyring.asc');
    await writeFile(key, 'no key');
    await expect(keyring.describe(instance)).rejects.toMatchObject(broken(key));
  });
});
