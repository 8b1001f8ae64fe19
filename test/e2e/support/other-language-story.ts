import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { packDefinition } from '@fatbuildr/artifacts';
import type { DebWorkshop } from './deb-workshop';
import { HOST_CODENAME, HOST_TAG } from './host';
import { execute, type Ended } from './installation';
import { WebProgram } from './web-program';

const DOCS = resolve(__dirname, '../../../docs');

/** The one of Debian, which has the modules that the generated client needs. */
const PYTHON = '/usr/bin/python3';

/** A client in Python made and used as docs/remote.md says; the workshop has image, environment, keyring. */
export function tellOtherLanguageStory(open: () => DebWorkshop): void {
  let folder: string;
  let web: WebProgram;
  let token: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fbt-'));
    web = await WebProgram.start(open().installation.home);
    token = (await open().installation.ctl('tokens', 'generate')).stdout.trim();
  });
  afterAll(async () => {
    await web.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const python = (program: string, args: readonly string[], FATBUILDR_TOKEN = token) =>
    execute([PYTHON, program, web.url, 'default', HOST_CODENAME, ...args], {
      env: { PYTHONPATH: join(folder, 'client'), PYTHONDONTWRITEBYTECODE: '1', FATBUILDR_TOKEN },
    });

  async function build(artifact: string, withToken = token): Promise<Ended> {
    const tarball = join(folder, `${artifact}.tar.gz`);
    await packDefinition(join(open().definitions, artifact), tarball);
    return python(join(DOCS, 'clients/build.py'), [artifact, tarball], withToken);
  }

  it('is generated from the document', async () => {
    const guide = await readFile(join(DOCS, 'remote.md'), 'utf8');
    const [command] = /^npx .* generate -i docs\/openapi\.json .*$/m.exec(guide)!;
    await symlink(DOCS, join(folder, 'docs'));
    const generated = await execute(['sh', '-c', command], { cwd: folder });
    expect(generated).toMatchObject({ status: 0 });
    expect(generated.stdout).not.toContain('ERROR');
  });

  it('submits a build, follows it and lists what it published', async () => {
    await open().define('snake', '1.0');
    const { status, stdout, stderr } = await build('snake');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Step publish done');
    expect(stdout).toContain('dpkg-buildpackage');
    expect(stdout).toMatch(/\nsnake 1\.0-1\.\w+ noarch\n/);
    expect(await open().listing('-a', 'snake')).toContainEqual(
      expect.objectContaining({ name: 'snake', version: `1.0-1.${HOST_TAG}` }),
    );
  });

  it('says why a build failed, or was refused', async () => {
    await open().define('viper', '1.0', (files) => ({ ...files, 'artifact.yml': 'source: [' }));
    const failed = await build('viper');
    expect(failed.status).toBe(1);
    expect(failed.stderr).toMatch(/^task \S+ ended as failed: .*artifact\.yml.*\n$/);
    const refused = await build('viper', 'not-a-token');
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^.*token.*\n$/);
  });

  it('finds in every answer what the document says', async () => {
    const read = await python(join(__dirname, 'every-answer.py'), ['snake']);
    expect(read).toMatchObject({ status: 0, stderr: '' });
    expect(read.stdout.match(/^\w+(?=, \.\.\.$)|^\w+$/gm)).toEqual([
      ...['InstanceDto', 'InstanceDto', 'PipelinesDto', 'FormatPipelinesDto'],
      ...['DistributionPipelineDto', 'DerivativePipelinesDto', 'TaskListDto', 'TaskDto'],
      ...['StepEstimateDto', 'FormatImageDto', 'FormatImageDto', 'KeyringDto', 'str'],
      ...['str', 'str', 'str', 'PublicationDto', 'ListedArtifactDto', 'FoundArtifactDto'],
      ...['ListedArtifactDto', 'ChangelogEntryDto', 'ContentMemberDto', 'ListedArtifactDto'],
      ...['ListedArtifactDto', 'TokenDto'],
    ]);
  });
}
