import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { run } from '@fatbuildr/processes';
import { digestFile } from '@fatbuildr/registries';
import { demoInstance, openRegistry, TestSigner, type TestRegistry } from './test-registry';

export const BY = { task: 'task-1', user: 'ada' };

interface Place {
  format: string;
  distribution: string;
  derivative: string;
}

/** A registry of described files, whose clients need nothing but gpgv and sha256sum: opened anew for each test. */
export class PlainRegistry {
  readonly instance = demoInstance();
  /** Of what is published by all tests. */
  built!: string;
  signer!: TestSigner;
  /** Of one test. */
  home!: string;
  /** The registry's public folder. */
  root!: string;
  private registry!: TestRegistry;

  /** @param main where things are published unless told otherwise; @param name of what is published */
  constructor(
    private readonly main: Place,
    private readonly name: string,
  ) {
    beforeAll(async () => {
      this.built = await mkdtemp(join(tmpdir(), `fatbuildr-${main.format}-`));
      this.signer = await TestSigner.create(join(this.built, 'keyring'));
    });
    afterAll(() => rm(this.built, { recursive: true }));
    beforeEach(async () => {
      this.home = await mkdtemp(join(tmpdir(), `fatbuildr-${main.format}-registry-`));
      this.root = join(this.home, 'registry', this.instance.id, main.format);
      this.registry = await openRegistry(this.home, this.signer);
      this.signer.failing = false;
    });
    afterEach(async () => {
      await this.registry.close();
      await rm(this.home, { recursive: true });
    });
  }

  get service() {
    return this.registry.service;
  }

  /** Describes files as a build does; @returns paths of the description and of them */
  async describe(
    description: string,
    architecture: string,
    version: string,
    files: readonly string[],
  ): Promise<string[]> {
    const digests = await Promise.all(
      files.map(async (file) => [basename(file), (await digestFile(file)).sha256]),
    );
    const changelog = [{ version, author: 'Ada <ada@acme.example>', date: 1, changes: ['Hi'] }];
    await writeFile(
      description,
      JSON.stringify({
        ...{ name: this.name, architecture, version, changelog },
        files: Object.fromEntries(digests) as object,
      }),
    );
    return [description, ...files];
  }

  publish(files: readonly string[], place = this.main) {
    return this.service.publish(this.instance, place, files, BY);
  }

  async listing(place = this.main): Promise<string[]> {
    return (await this.service.artifacts(this.instance, place)).map(
      ({ architecture, version }) => `${version} ${architecture}`,
    );
  }

  /** @returns what is said of files that are left out */
  async reindex(): Promise<string> {
    const said: string[] = [];
    const journal = { log: (_level: string, message: string) => void said.push(message) };
    await this.service.reindex(this.instance, this.main.format, { ...BY, journal });
    return said.join('\n');
  }

  async loseDatabase(): Promise<void> {
    await this.registry.close();
    await rm(join(this.home, 'state'), { recursive: true });
    this.registry = await openRegistry(this.home, this.signer);
  }

  /** What clients are told to do, word for word but for where their keys lie. @returns sha256sum's output */
  async fetchAndVerify(client = 'client', place = this.main): Promise<string> {
    const folder = join(this.home, client);
    await mkdir(folder);
    const { instance, name } = this;
    const key = await this.signer.export(instance);
    const request = { ...place, instance, uri: `file://${this.root}`, key, package: name };
    const setup = (await this.service.clientSetup(request))!;
    const here = (text: string) => text.replaceAll('/usr/share/keyrings', folder);
    await writeFile(here(setup.file), setup.content);
    const { stdout } = await run(
      ['sh', '-euc', ['set -e', ...setup.commands].map(here).join('\n')],
      { cwd: folder, env: { PATH: process.env.PATH, HOME: folder } },
    );
    return stdout.toString('utf8');
  }
}
