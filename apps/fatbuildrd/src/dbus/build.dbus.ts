import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { DEFINITION_ARCHIVE, SOURCE_ARCHIVES } from '@fatbuildr/builds';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import type { SourceArchive } from '@fatbuildr/protocol';
import { INSTANCE_INTERFACE } from '@fatbuildr/protocol-dbus';
import { takeOver, TasksService } from '@fatbuildr/tasks';
import { onBehalf } from './behalf';
import { DbusInterface, DbusMethod, Polkit, type InstanceCall } from './dbus.decorators';
import { INSTANCES_PATH } from './fatbuildr.dbus';
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
  build(
    { instance, user, uid }: InstanceCall,
    ...[
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
    ]: Submission
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
        ...{ author, email, message, archives, interactive },
      };
    });
  }

  @Polkit('build-as')
  @DbusMethod({ in: { user: 's', ...SUBMISSION }, out: 's' })
  buildAs(call: InstanceCall, user: string, ...submission: Submission): Promise<string> {
    return this.build(onBehalf(call, user), ...submission);
  }
}
