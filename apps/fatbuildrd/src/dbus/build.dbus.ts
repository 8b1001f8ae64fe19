import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { DEFINITION_ARCHIVE, KeptBuilds, SOURCE_ARCHIVES } from '@fatbuildr/builds';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { shellParameters } from '@fatbuildr/images';
import type { ParametersOf, SourceArchive } from '@fatbuildr/protocol';
import { INSTANCE_INTERFACE } from '@fatbuildr/protocol-dbus';
import { takeOver, TasksService } from '@fatbuildr/tasks';
import { onBehalf } from './behalf';
import { DbusInterface, DbusMethod, Polkit, type InstanceCall } from './dbus.decorators';
import { INSTANCES_PATH } from './fatbuildr.dbus';
import { badArgument } from './dbus.errors';
import { SHELL, SHELL_DOC } from './image.dbus';
import { UPLOADS_FOLDER } from '../home';

const SUBMISSION = {
  format: 's',
  distribution: 's',
  architectures: 'as',
  derivative: 's',
  artifact: 's',
  author: 's',
  email: 's',
  message: 's',
  tarball: 's',
  sources: 'aa{sv}',
  interactive: 'b',
} as const;

type Submission = [
  format: string,
  distribution: string,
  architectures: string[],
  derivative: string,
  artifact: string,
  author: string,
  email: string,
  message: string,
  tarball: string,
  sources: SourceArchive[],
  interactive: boolean,
];

/** Submission of builds to one instance. */
@Injectable()
@DbusInterface({ name: INSTANCE_INTERFACE, path: INSTANCES_PATH, perInstance: true })
export class BuildObject {
  constructor(
    private readonly tasks: TasksService,
    private readonly kept: KeptBuilds,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  @Polkit('none')
  @DbusMethod({
    out: 's',
    doc: 'Folder for the files a client submits with a build. Addition to Fatbuildr 2.1.',
  })
  uploads(): string {
    return join(this.configuration.dirs.run, UPLOADS_FOLDER);
  }

  @Polkit('build')
  @DbusMethod({ in: SUBMISSION, out: 's' })
  build(call: InstanceCall, ...submission: Submission): Promise<string> {
    return this.submit(call, submission);
  }

  @Polkit('build')
  @DbusMethod({
    in: { ...SUBMISSION, options: 'a{sv}' },
    out: 's',
    doc: 'As Build, with options: keep_failed s, for how long the container is kept when the build fails, such as 2h. Addition to Fatbuildr 2.1.',
  })
  buildWithOptions(
    call: InstanceCall,
    ...submission: [...Submission, options: Record<string, unknown>]
  ): Promise<string> {
    const options = this.optionsOf(submission.at(-1) as Record<string, unknown>);
    return this.submit(call, submission.slice(0, -1) as Submission, options);
  }

  @Polkit('build')
  @DbusMethod({
    in: { id: 's', ...SHELL },
    out: 's',
    doc: `A shell in the container that is kept of a failed build; what is done there stays. ${SHELL_DOC}`,
  })
  async buildShell(
    { instance, user }: InstanceCall,
    id: string,
    term: string,
    command: string[],
  ): Promise<string> {
    const shell = shellParameters(term, command);
    await this.kept.require(instance.id, id);
    return this.tasks.submit(instance.id, user, {
      name: 'failed build shell',
      build: id,
      ...shell,
    });
  }

  @Polkit('build-as')
  @DbusMethod({ in: { user: 's', ...SUBMISSION }, out: 's' })
  buildAs(call: InstanceCall, user: string, ...submission: Submission): Promise<string> {
    return this.submit(onBehalf(call, user), submission);
  }

  private submit(
    { instance, user, uid }: InstanceCall,
    [
      format,
      distribution,
      architectures,
      derivative,
      artifact,
      author,
      email,
      message,
      tarball,
      sources,
      interactive,
    ]: Submission,
    options: Pick<ParametersOf<'artifact build'>, 'keep_failed'> = {},
  ): Promise<string> {
    instance.requirePipeline(format, distribution, derivative);
    const wanted = [...new Set(architectures.length > 0 ? architectures : instance.architectures)];
    for (const architecture of wanted) instance.requireArchitecture(architecture);
    return this.tasks.submit(instance.id, user, async (workspace) => {
      const archive = await takeOver(tarball, uid, workspace);
      await rename(archive, join(workspace, DEFINITION_ARCHIVE));
      const archives: SourceArchive[] = [];
      for (const { id, path } of sources) {
        archives.push({ id, path: await takeOver(path, uid, join(workspace, SOURCE_ARCHIVES)) });
      }
      return {
        name: 'artifact build',
        ...{ format, distribution, architectures: wanted, derivative, artifact },
        ...{ author, email, message, archives, interactive, ...options },
      };
    });
  }

  private optionsOf(
    given: Readonly<Record<string, unknown>>,
  ): Pick<ParametersOf<'artifact build'>, 'keep_failed'> {
    const unknown = Object.keys(given).find((name) => name !== 'keep_failed');
    if (unknown !== undefined) {
      throw badArgument('options', `there is no "${unknown}", there is: keep_failed`);
    }
    const { keep_failed: keeping } = given;
    if (keeping === undefined) return {};
    if (typeof keeping !== 'string') throw badArgument('options', 'keep_failed: expected text');
    return { keep_failed: this.kept.checkTime(keeping) };
  }
}
