import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildRequest } from './build-context';
import { BuildResubmission, resubmitBuild } from './resubmission';

describe('the submission of a build that is retried', () => {
  let folder: string;
  let old: string;
  let fresh: string;
  let request: BuildRequest;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fatbuildr-resubmission-'));
    old = join(folder, 'old');
    fresh = join(folder, 'fresh');
    await mkdir(join(old, 'archives'), { recursive: true });
    await mkdir(fresh);
    await writeFile(join(old, 'definition.archive'), 'definition');
    await writeFile(join(old, 'archives/hello_1.0.tar.xz'), 'source');
    request = {
      name: 'artifact build',
      ...{ format: 'deb', distribution: 'bookworm', architectures: ['x86_64'] },
      ...{ derivative: 'main', artifact: 'hello' },
      ...{ author: 'Jane', email: 'jane@acme.example', message: 'Build' },
      archives: [{ id: 'hello', path: join(old, 'archives/hello_1.0.tar.xz') }],
    };
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is copied with its archives, and outlives the old workspace', async () => {
    const again = await resubmitBuild(request, old, fresh);
    await rm(old, { recursive: true });
    expect(again).toEqual({
      ...request,
      archives: [{ id: 'hello', path: join(fresh, 'archives/hello_1.0.tar.xz') }],
    });
    expect(await readFile(join(fresh, 'definition.archive'), 'utf8')).toBe('definition');
    expect(await readFile(again.archives[0]!.path, 'utf8')).toBe('source');
  });

  it('has the entry of the first of all retries', async () => {
    const resubmission = new BuildResubmission();
    const again = await resubmission.resubmit(request, old, fresh, { id: 'first', submitted: 7 });
    expect(again.entry).toEqual({ task: 'first', submitted: 7 });
    const later = await resubmission.resubmit(again, old, fresh, { id: 'second', submitted: 8 });
    expect(later.entry).toEqual({ task: 'first', submitted: 7 });
  });

  it.each(['definition.archive', 'archives/hello_1.0.tar.xz'])(
    'names the %s that is gone',
    async (file) => {
      await rm(join(old, file));
      await expect(resubmitBuild(request, old, fresh)).rejects.toMatchObject({
        code: 'BUILDS.SUBMISSION_GONE',
        message: expect.stringContaining(join(old, file)) as string,
      });
    },
  );
});
