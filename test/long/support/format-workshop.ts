import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactVersion, type VersionParts } from '@fatbuildr/artifacts';
import { FormatBuilders, type BuildPatch, type FormatParameters } from '@fatbuildr/builds';
import {
  ConfigModule,
  hostArchitecture,
  type Configuration,
  type FormatConfiguration,
} from '@fatbuildr/config';
import { CONTAINER_ENGINE, type ContainerEngine } from '@fatbuildr/containers';
import { DatabaseModule } from '@fatbuildr/database';
import { ImagesService } from '@fatbuildr/images';
import { Instance, type Pipeline } from '@fatbuildr/instances';
import { KeyringService } from '@fatbuildr/keyring';
import {
  REGISTRIES_ENTITIES,
  REGISTRIES_MIGRATIONS,
  RegistriesService,
} from '@fatbuildr/registries';
import type { TaskContext } from '@fatbuildr/tasks';
import type { Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { writeTree } from '../../e2e/support/definitions';

export const HOST = hostArchitecture();

export interface Wanted {
  artifact: string;
  version?: Partial<VersionParts>;
  derivative?: string;
  patches?: BuildPatch[];
  parameters?: FormatParameters;
  /** The files of the format in the definition. */
  packaging: Readonly<Record<string, string>>;
  /** Makes upstream's archive in a folder; @returns its path */
  upstream: (folder: string) => Promise<string>;
}

export interface Built {
  files: string[];
  /** Folder of what was built. */
  results: string;
  context: TaskContext;
}

/** One format with all it needs, without tasks and their queue. */
export class FormatWorkshop {
  /** What was journalled since somebody emptied it. */
  journal = '';
  private tasks = 0;

  private constructor(
    readonly home: string,
    private readonly app: TestingModule,
    readonly instance: Instance,
  ) {}

  /** @param pipelines the first is the one that builds */
  static async open(
    format: Type,
    pipelines: readonly [Pipeline, ...Pipeline[]],
    formats: Record<string, Partial<FormatConfiguration>> = {},
  ): Promise<FormatWorkshop> {
    const home = await mkdtemp(join(tmpdir(), 'fatbuildr-format-'));
    const configuration = {
      dirs: {
        state: join(home, 'state'),
        run: join(home, 'run'),
        registry: join(home, 'registry'),
        cache: join(home, 'cache'),
      },
      containers: { engine: 'auto' },
      images: { defs: join(__dirname, '../../../images'), storage: join(home, 'images') },
      registry: { conf: home, validity: undefined, retain: 3 },
      sources: { timeout: 1000, maxSize: 1e8, maxUnpacked: 1e8, maxEntries: 10_000 },
      database: { url: undefined },
      keyring: { storage: join(home, 'keyring'), type: 'ed25519', size: 4096, expires: undefined },
      formats,
    } as Partial<Configuration> as Configuration;
    const app = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot(configuration),
        DatabaseModule.forRoot({
          entities: REGISTRIES_ENTITIES,
          migrations: REGISTRIES_MIGRATIONS,
        }),
        format,
      ],
    }).compile();
    await app.init();
    const instance = new Instance({
      id: 'integration',
      name: 'ACME, Integration',
      gpg: { name: 'ACME Packages', email: 'packages@acme.example' },
      architectures: [HOST],
      pipelines,
      derivatives: new Map([['extra', { formats: undefined, extends: 'main' }]]),
    });
    await app.get(KeyringService).create(instance);
    return new FormatWorkshop(home, app, instance);
  }

  async close(): Promise<void> {
    await this.engine.removeLeftovers();
    const labels = { 'org.rackslab.fatbuildr.instance': this.instance.id };
    for (const image of await this.engine.listImages(labels)) {
      await this.engine.removeImage(image.id);
    }
    await this.app.close();
    await rm(this.home, { recursive: true });
  }

  get engine(): ContainerEngine {
    return this.app.get<ContainerEngine>(CONTAINER_ENGINE);
  }

  get images(): ImagesService {
    return this.app.get(ImagesService);
  }

  get pipeline(): Pipeline {
    return this.instance.pipelines[0]!;
  }

  async task(): Promise<TaskContext> {
    this.tasks += 1;
    const workspace = join(this.home, 'workspaces', String(this.tasks));
    await mkdir(join(workspace, 'scratch'), { recursive: true, mode: 0o700 });
    return {
      task: { id: `task-${this.tasks}`, instance: this.instance.id, user: 'ada', submitted: 0 },
      workspace,
      signal: new AbortController().signal,
      journal: {
        log: (_level, message) => (this.journal += `${message}\n`),
        output: (data) => (this.journal += data.toString('utf8')),
        plan: () => undefined,
        step: (_name, work) => work(),
      },
    };
  }

  /** Source, packages and checks, as a build has them after each other. */
  async build(wanted: Wanted): Promise<Built> {
    const { artifact, derivative = 'main', patches = [], parameters = {} } = wanted;
    const { instance, pipeline } = this;
    const context = await this.task();
    const packaging = join(context.workspace, 'packaging');
    const results = join(context.workspace, 'results');
    await writeTree(packaging, wanted.packaging);
    await mkdir(results);
    const version = ArtifactVersion.of({
      ...{ main: '1.0', release: '1', dist: pipeline.tag },
      ...wanted.version,
    });
    const archive = await wanted.upstream(context.workspace);
    const builder = this.app.get(FormatBuilders).of(pipeline.format);
    const common = { context, instance, pipeline, derivative, artifact, results, parameters };
    await builder.prepare({ instance, pipeline, architectures: [HOST] });
    try {
      const source = await builder.source({
        ...common,
        ...{ version, packaging, patches },
        sources: [{ id: artifact, version: version.main, archive }],
        changelog: [
          {
            version: version.full,
            author: 'Ada <ada@acme.example>',
            date: 1e9,
            changes: ['A test'],
          },
        ],
      });
      const packages = await builder.binary({
        ...common,
        source,
        architecture: HOST,
        withIndependent: true,
      });
      const files = [...source.files, ...packages];
      await builder.checks({ context, instance, pipeline, files, results });
      return { files, results, context };
    } catch (fault) {
      // As the pipeline does when a step fails.
      await builder.drop(context.task.id);
      throw fault;
    }
  }

  async publish({ files, context }: Built, derivative = 'main'): Promise<void> {
    const { format, distribution } = this.pipeline;
    const place = { format, distribution, derivative };
    await this.app
      .get(RegistriesService)
      .publish(this.instance, place, files, { task: context.task.id, user: 'ada' });
  }
}
