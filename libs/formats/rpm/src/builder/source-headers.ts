import { basename, dirname } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { commandFailed } from '@fatbuildr/builds';
import { CONTAINER_ENGINE, type ContainerEngine } from '@fatbuildr/containers';
import { BUILD_USER, formatImageName } from '@fatbuildr/images';
import type { Instance, Pipeline } from '@fatbuildr/instances';
import type { TaskContext } from '@fatbuildr/tasks';

/** What a build needs to know of a source package. */
export interface SourceHeader {
  name: string;
  /** `BuildArch: noarch`. */
  independent: boolean;
  /** What is needed to build, sorted: `gcc`, `make >= 4`. */
  dependencies: string[];
}

interface Place {
  context: TaskContext;
  instance: Instance;
  pipeline: Pipeline;
}

const FOLDER = '/mnt';
const FORMAT = '%{NAME}\\n%{ARCH}\\n[%{REQUIRENAME} %{REQUIREFLAGS:depflags} %{REQUIREVERSION}\\n]';

/** Reads source packages, by the rpm of the format image. */
@Injectable()
export class SourceHeaders {
  constructor(@Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine) {}

  async read({ context, instance, pipeline }: Place, path: string): Promise<SourceHeader> {
    let printed = '';
    const argv = [
      ...(['rpm', '--query', '--package', '--nosignature', '--queryformat', FORMAT] as const),
      `${FOLDER}/${basename(path)}`,
    ] as const;
    const status = await this.engine.run(
      {
        image: formatImageName(instance.id, pipeline.format),
        owner: { instance: instance.id, task: context.task.id },
        network: 'none',
        user: BUILD_USER,
        environment: { HOME: '/nonexistent' },
        mounts: [{ source: dirname(path), target: FOLDER, readOnly: true }],
        argv,
      },
      {
        output: (chunk, stream) => {
          if (stream === 'stdout') printed += chunk.toString('utf8');
          else context.journal.output(chunk);
        },
        signal: context.signal,
      },
    );
    if (status !== 0) throw commandFailed(argv.join(' '), status);
    const [name = '', architecture, ...requires] = printed.split('\n').map((line) => line.trim());
    return {
      name,
      independent: architecture === 'noarch',
      dependencies: requires.filter((line) => line !== '' && !line.startsWith('rpmlib(')).sort(),
    };
  }
}
