import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryClient } from '../testing/memory-client';
import { ProgramHarness } from '../testing/program-harness';

const URI = 'https://packages.acme.example:8443/prod';
const FILE = 'packages.acme.example_8443_prod.token';

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: object) => `${part({ alg: 'HS256' })}.${part(claims)}.c2lnbmVk`;
const TOKEN = jwt({ sub: 'ada', exp: 1_900_000_000 });

describe('fatbuildrctl tokens', () => {
  let client: MemoryClient;
  let data: string;
  let harness: ProgramHarness;

  beforeEach(async () => {
    client = new MemoryClient();
    data = await mkdtemp(join(tmpdir(), 'fatbuildr-tokens-'));
    harness = new ProgramHarness(client, { env: { XDG_DATA_HOME: data } });
  });
  afterEach(() => rm(data, { recursive: true }));

  const save = (written: string, uri = URI) =>
    harness.pipe(written, 'tokens', 'save', '--uri', uri);

  it('keeps the token on standard input for a server, for its user alone', async () => {
    const file = join(data, 'fatbuildr', FILE);
    expect(await save(`\n ${TOKEN}\n`)).toEqual({
      ...{ status: 0, stdout: '', stderr: `The token for ${URI} is kept in ${file}.\n` },
    });
    expect(await readFile(file, 'utf8')).toBe(`${TOKEN}\n`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(data, 'fatbuildr'))).mode & 0o777).toBe(0o700);
    const newer = jwt({ sub: 'grace' });
    expect((await save(newer)).status).toBe(0);
    expect(await readFile(file, 'utf8')).toBe(`${newer}\n`);
  });

  it.each([
    ['nothing', ''],
    ['a password', 'secret'],
    ['two lines', `${TOKEN}\n${TOKEN}`],
    ['too much', `${'a'.repeat(9000)}.b.c`],
  ])('keeps no token of %s', async (_, written) => {
    const { status, stderr } = await save(written);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/^fatbuildrctl: .*token.*\n$/);
    if (written !== '') expect(stderr).not.toContain(written);
    await expect(stat(join(data, 'fatbuildr', FILE))).rejects.toThrow('ENOENT');
  });

  it('keeps none for what is no server', async () => {
    const { status, stderr } = await save(TOKEN, 'dbus://system/default');
    expect(status).toBe(2);
    expect(stderr).toContain('http(s)://<host>[:<port>][/<prefix>]/<instance>');
  });

  it('lists what is kept, what it cannot read included, and never the tokens', async () => {
    expect((await harness.run('tokens')).stdout).toBe('You keep no token for any server.\n');
    await save(TOKEN);
    await mkdir(join(data, 'fatbuildr'), { recursive: true });
    await writeFile(join(data, 'fatbuildr/other.token'), 'spoiled');
    const { stdout } = await harness.run('tokens', 'list');
    expect(stdout).toMatch(/^SERVER +USER +EXPIRES\nother *\npackages\S+_8443_prod +ada +2030-/);
    expect(stdout).not.toContain(TOKEN.slice(-20));
    const listed = await harness.run('-o', 'json', 'tokens');
    expect(JSON.parse(listed.stdout)).toEqual([
      { name: 'other', user: '', expires: 0 },
      { name: 'packages.acme.example_8443_prod', user: 'ada', expires: 1_900_000_000 },
    ]);
  });

  it('has one issued, alone on standard output, for a pipe', async () => {
    expect(await harness.run('tokens', 'generate')).toEqual({
      ...{ status: 0, stdout: 'a.new.token\n', stderr: '' },
    });
  });

  it('lists those that were issued, and revokes one by its id', async () => {
    const times = { issued: 1_800_000_000, expires: 1_900_000_000 };
    client.issued = [
      { id: 'one', user: 'ada', description: 'laptop', scopes: [], ...times },
      { id: 'two', user: 'ada', description: '', scopes: ['build'], ...times },
    ];
    const listed = await harness.run('tokens', 'list', '--issued');
    expect(listed.stdout).toMatch(/one +ada +everything +2030-.*laptop\n/);
    expect(listed.stdout).toMatch(/two +ada +build +2030-/);
    expect(await harness.run('tokens', 'revoke', 'one')).toMatchObject({
      ...{ status: 0, stderr: 'Token one is revoked.\n' },
    });
    expect(client.issued.map(({ id }) => id)).toEqual(['two']);
    expect((await harness.run('tokens', 'revoke')).status).toBe(2);
  });
});
