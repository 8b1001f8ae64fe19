import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JwtService } from '@nestjs/jwt';
import { loadConfiguration } from '@fatbuildr/config';
import { Database } from '@fatbuildr/database';
import { ACCESS_ENTITIES, ACCESS_MIGRATIONS } from './index';
import { TokenKeys } from './token-keys';
import { TokensService } from './tokens.service';

type Algorithm = 'HS256' | 'HS512';

let home: string;
let database: Database;
let service: TokensService;
const jwt = new JwtService();

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'fatbuildr-tokens-'));
  const configuration = loadConfiguration({ home, env: {} });
  database = await Database.open(configuration, {
    entities: ACCESS_ENTITIES,
    migrations: ACCESS_MIGRATIONS,
  });
  service = new TokensService(configuration, database);
});

afterEach(async () => {
  await database.onApplicationShutdown();
  await rm(home, { recursive: true });
});

/** The claims of a good token, to be spoiled. */
async function claims(): Promise<Record<string, unknown>> {
  const { token } = await service.issue('prod', { user: 'ada' });
  return jwt.decode<Record<string, unknown>>(token);
}

async function signed(
  content: object,
  { instance = 'prod', algorithm = 'HS256' }: { instance?: string; algorithm?: Algorithm } = {},
): Promise<string> {
  const secret = await new TokenKeys(join(home, 'tokens')).of(instance);
  const present = JSON.parse(JSON.stringify(content)) as object;
  return jwt.sign(present, { secret, algorithm });
}

const refusal = (reason: string) => `the token is refused: ${reason}`;

describe('tokens', () => {
  it('tell who presents them and what they are limited to', async () => {
    const all = await service.issue('prod', { user: 'ada', description: 'laptop' });
    const some = await service.issue('prod', { user: 'ada', scopes: ['build'], days: 2 });
    expect(await service.verify('prod', all.token)).toMatchObject({
      user: 'ada',
      scopes: undefined,
    });
    expect((await service.verify('prod', some.token)).scopes).toEqual(['build']);
    expect(jwt.decode(all.token)).toMatchObject({ sub: 'ada', aud: 'fatbuildr' });
    const { issued, expires } = some.description;
    expect(expires - issued).toBe(2 * 86_400);
  });

  it('are signed by a key of the instance that only its owner can read', async () => {
    const { token } = await service.issue('prod', { user: 'ada' });
    expect((await stat(join(home, 'tokens/prod.key'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(home, 'tokens'))).mode & 0o777).toBe(0o700);
    await expect(service.verify('test', token)).rejects.toThrow(refusal('it is not valid here'));
  });

  it('get one key however many ask for it first', async () => {
    const storage = join(home, 'keys');
    const keys = await Promise.all(
      Array.from({ length: 8 }, () => new TokenKeys(storage).of('prod')),
    );
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
    expect(await readdir(storage)).toEqual(['prod.key']);
  });

  it('are worthless once revoked, which only their user may do', async () => {
    const { token, description } = await service.issue('prod', { user: 'ada' });
    await expect(service.revoke('prod', description.id, 'bob')).rejects.toThrow('no token');
    await expect(service.revoke('test', description.id)).rejects.toThrow('no token');
    await service.revoke('prod', description.id, 'ada');
    await expect(service.verify('prod', token)).rejects.toThrow(refusal('it was revoked'));
    expect(await service.list('prod')).toEqual([]);
    expect(await service.list('prod', { all: true })).toEqual([
      expect.objectContaining({ id: description.id, revoked: expect.any(Number) as number }),
    ]);
  });

  it.each<[string, string, (content: Record<string, unknown>) => Promise<string> | string]>([
    ['that are garbage', 'it is not valid here', () => 'a.b.c'],
    [
      'without a signature',
      'it is not valid here',
      (content) =>
        [{ alg: 'none', typ: 'JWT' }, content]
          .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
          .join('.') + '.',
    ],
    [
      'signed with another algorithm',
      'it is not valid here',
      (content) => signed(content, { algorithm: 'HS512' }),
    ],
    [
      'of another instance',
      'it is not valid here',
      (content) => signed(content, { instance: 'test' }),
    ],
    [
      'for another audience',
      'it is for another audience',
      (content) => signed({ ...content, aud: 'x' }),
    ],
    [
      'that have expired',
      'it has expired',
      (content) => signed({ ...content, exp: Math.floor(Date.now() / 1000) - 1 }),
    ],
    [
      'from the future',
      'it is not valid yet',
      (content) => signed({ ...content, iat: Math.floor(Date.now() / 1000) + 60 }),
    ],
    [
      'not valid yet',
      'it is not valid yet',
      (content) => signed({ ...content, nbf: Math.floor(Date.now() / 1000) + 60 }),
    ],
    [
      'without an end',
      'it does not say how long it is valid',
      (content) => signed({ ...content, exp: undefined }),
    ],
    [
      'of another user than they were issued to',
      'it is not known any more',
      (content) => signed({ ...content, sub: 'root' }),
    ],
    [
      'that nobody issued',
      'it is not known any more',
      (content) => signed({ ...content, jti: 'x' }),
    ],
    ['without an id', 'it is not valid here', (content) => signed({ ...content, jti: undefined })],
  ])('%s are refused', async (_what, reason, spoil) => {
    await expect(service.verify('prod', await spoil(await claims()))).rejects.toThrow(
      refusal(reason),
    );
  });

  it('that a limited token asks for are limited alike', async () => {
    const within = ['build', 'manage-token'] as const;
    const wide = { user: 'ada', scopes: ['edit-keyring'], within };
    await expect(service.issue('prod', wide)).rejects.toThrow('edit-keyring');
    await expect(service.issue('prod', { user: 'ada', within })).rejects.toThrow('limited');
    const { description } = await service.issue('prod', { user: 'ada', scopes: ['build'], within });
    expect(description.scopes).toEqual(['build']);
  });

  it.each([
    [{ days: 0 }, 'valid for 1 to 30 days'],
    [{ days: 31 }, 'valid for 1 to 30 days'],
    [{ scopes: [] }, 'at least one action'],
    [{ scopes: ['fly'] }, 'there is no action "fly"'],
    [{ description: 'a\nb' }, 'one line'],
  ])('asked for with %j are not issued', async (request, message) => {
    await expect(service.issue('prod', { user: 'ada', ...request })).rejects.toThrow(message);
    expect(await service.list('prod')).toEqual([]);
  });

  it('remember when they were used', async () => {
    const { token, description } = await service.issue('prod', { user: 'ada' });
    await service.verify('prod', token);
    await database.transaction(() => Promise.resolve());
    const [row] = await service.list('prod', { user: 'ada' });
    expect(row!.used).toBeGreaterThanOrEqual(description.issued);
  });
});
