import { basename } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { recordFindings, report, type FormatBuilder } from '@fatbuildr/builds';
import { CONTAINER_ENGINE, type ArgumentVector, type ContainerEngine } from '@fatbuildr/containers';
import { messageOf } from '@fatbuildr/errors';
import { BUILD_USER, formatImageName } from '@fatbuildr/images';

type ChecksRequest = Parameters<FormatBuilder['checks']>[0];

/** Milliseconds for one checker; packages of a gigabyte take minutes. */
const TIMEOUT = 15 * 60_000;
const PACKAGES = '/mnt';
/** Statuses of rpmlint that tell of findings, not of faults. */
const LINTED = [0, 64, 66];

/** Looks at what was built, in the format image: recorded in the journal and beside the packages. */
@Injectable()
export class PackageChecks {
  constructor(@Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine) {}

  /** Never fails for what it finds, nor for a checker that breaks; only for an abort. */
  async run(request: ChecksRequest): Promise<void> {
    const { journal, signal } = request.context;
    try {
      await this.check(request);
    } catch (fault) {
      signal.throwIfAborted();
      journal.log('warning', `The checks could not be completed: ${messageOf(fault)}`);
    }
  }

  private async check(request: ChecksRequest) {
    const { context, instance, pipeline, files, results } = request;
    const container = await this.engine.start({
      image: formatImageName(instance.id, pipeline.format),
      owner: { instance: instance.id, task: context.task.id },
      network: 'none',
      user: BUILD_USER,
      workdir: PACKAGES,
      environment: { LC_ALL: 'C.UTF-8', HOME: '/tmp' },
      mounts: [{ source: results, target: PACKAGES, readOnly: true }],
    });
    try {
      const names = files.map((file) => basename(file));
      const run = (argv: ArgumentVector) =>
        report(container, argv, { signal: context.signal, timeout: TIMEOUT });
      const format =
        '%{NEVRA}:\\n[%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} %{FILESIZES} %{FILENAMES}\\n]';
      const [contents, lint] = await Promise.all([
        run(['rpm', '--query', '--nosignature', '--queryformat', format, '--package', ...names]),
        run(['rpmlint', ...names]),
      ]);
      await recordFindings(request, {
        ...{ contents, linter: 'rpmlint', lints: [lint], linted: LINTED },
      });
    } finally {
      await container.remove();
    }
  }
}
