import type { Command, ContainerEngine } from '@fatbuildr/containers';
import type { TaskContext } from '@fatbuildr/tasks';
import { PACKAGING_CAPABILITIES } from '../packaging-capabilities';

/** An apt-get command that asks nobody anything. */
export function aptCommand(...args: readonly [string, ...string[]]): Command {
  return {
    argv: ['apt-get', '--quiet', '--yes', '--option=Dpkg::Use-Pty=false', ...args],
    environment: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
  };
}

/** Whether the mirror has nothing newer than the packages of an image. */
export async function isUpToDate(
  engine: ContainerEngine,
  image: string,
  { task, journal, signal }: TaskContext,
): Promise<boolean> {
  const container = await engine.start({
    image,
    owner: { instance: task.instance, task: task.id },
    network: 'host',
    capabilities: PACKAGING_CAPABILITIES,
  });
  try {
    const output = (chunk: Buffer) => journal.output(chunk);
    if ((await container.exec(aptCommand('update'), { output, signal })) !== 0) return false;
    let planned = '';
    const status = await container.exec(aptCommand('--simulate', 'dist-upgrade'), {
      output: (chunk) => {
        journal.output(chunk);
        planned += chunk.toString('utf8');
      },
      signal,
    });
    return status === 0 && !/^(?:Inst|Remv) /m.test(planned);
  } finally {
    await container.remove();
  }
}
