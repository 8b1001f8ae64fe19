import { createWriteStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { FormatBuilder } from '@fatbuildr/builds';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import {
  CONTAINER_ENGINE,
  type ArgumentVector,
  type ContainerEngine,
  type RunningContainer,
} from '@fatbuildr/containers';
import { messageOf } from '@fatbuildr/errors';
import { formatImageName } from '@fatbuildr/images';
import { BUILD_USER } from '../builder-account';

type ChecksRequest = Parameters<FormatBuilder['checks']>[0];

/** Milliseconds for lintian; packages of a gigabyte take minutes. */
const LINT_TIMEOUT = 15 * 60_000;
/** Statuses of lintian that tell of findings, not of faults. */
const LINTED = [0, 1, 2];

const MOUNTS = { packages: '/mnt', scripts: '/media' } as const;

/** Looks at what was built, in the format image: recorded in the journal and beside the packages. */
@Injectable()
export class PackageChecks {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine,
  ) {}

  /** Never fails for what it finds, nor for a checker that breaks; only for an abort. */
  async run(request: ChecksRequest): Promise<void> {
    const { context, instance, pipeline, results } = request;
    const { journal, signal } = context;
    try {
      const container = await this.engine.start({
        image: formatImageName(instance.id, pipeline.format),
        owner: { instance: instance.id, task: context.task.id },
        network: 'none',
        user: BUILD_USER,
        workdir: MOUNTS.packages,
        environment: { LC_ALL: 'C.UTF-8', HOME: '/nonexistent', TMPDIR: '/tmp' },
        mounts: [
          { source: results, target: MOUNTS.packages, readOnly: true },
          {
            source: join(this.configuration.images.defs, pipeline.format),
            target: MOUNTS.scripts,
            readOnly: true,
          },
        ],
      });
      try {
        await this.check(container, request);
      } finally {
        await container.remove();
      }
    } catch (fault) {
      signal.throwIfAborted();
      journal.log('warning', `The checks could not be completed: ${messageOf(fault)}`);
    }
  }

  private async check(container: RunningContainer, request: ChecksRequest): Promise<void> {
    const names = request.files.map((file) => basename(file));
    const packages = names.filter((name) => /\.[ud]?deb$/.test(name));
    const descriptions = (await readdir(request.results)).filter((name) =>
      name.endsWith('.changes'),
    );
    const linted = [...names.filter((name) => name.endsWith('.dsc')), ...descriptions];
    const listing: ArgumentVector = ['sh', `${MOUNTS.scripts}/list-contents.sh`, ...packages];
    const lint: ArgumentVector = ['lintian', '--no-cfg', '--color', 'never', ...linted];
    const contents = await record(container, listing, request, 'contents.txt');
    if (contents !== 0) {
      request.context.journal.log(
        'warning',
        `The contents could not be listed (status ${contents})`,
      );
    }
    const status = await record(container, lint, request, 'lintian.txt');
    if (!LINTED.includes(status)) {
      request.context.journal.log('warning', `lintian broke off with status ${status}`);
    }
  }
}

/** Runs a checker; what it prints goes to the journal and into a file of the results. */
async function record(
  container: RunningContainer,
  argv: ArgumentVector,
  { context, results }: ChecksRequest,
  name: string,
): Promise<number> {
  const file = createWriteStream(join(results, name), { mode: 0o644 });
  try {
    return await container.exec(
      { argv },
      {
        output: (chunk) => {
          context.journal.output(chunk);
          file.write(chunk);
        },
        signal: context.signal,
        timeout: LINT_TIMEOUT,
      },
    );
  } finally {
    file.end();
    await finished(file);
  }
}
