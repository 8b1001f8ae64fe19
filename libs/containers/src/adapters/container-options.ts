import type Docker from 'dockerode';
import { DEFAULT_PROCESSES, type ContainerSettings } from '../container-engine.port';
import { LABELS } from '../labels';

/** The host name in containers without network: builds that record it stay reproducible. */
const HOSTNAME = 'fatbuildr';

export function environmentList(environment: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(environment).map(([name, value]) => `${name}=${value}`);
}

/** The engine's creation request for a container that runs `argv`. */
export function creationOptions(
  container: ContainerSettings,
  argv: readonly string[],
  limits: { openFiles: number; processes: number },
  home: string,
): Docker.ContainerCreateOptions {
  const { privileged = false, capabilities = [] } = container;
  const confined = !privileged && capabilities.length === 0;
  return {
    Image: container.image,
    Entrypoint: [],
    Cmd: [...argv],
    User: container.user ?? '0:0',
    ...(container.workdir === undefined ? {} : { WorkingDir: container.workdir }),
    Env: environmentList(container.environment),
    ...(container.network === 'none' ? { Hostname: HOSTNAME } : {}),
    Labels: {
      [LABELS.home]: home,
      [LABELS.instance]: container.owner.instance,
      [LABELS.task]: container.owner.task,
    },
    HostConfig: {
      NetworkMode: container.network,
      Mounts: (container.mounts ?? []).map(({ source, target, readOnly = false }) => ({
        Type: 'bind' as const,
        Source: source,
        Target: target,
        ReadOnly: readOnly,
      })),
      // What is printed goes to the caller alone; engines would also keep it on disk.
      LogConfig: { Type: 'none', Config: {} },
      Privileged: privileged,
      ...(privileged ? {} : { CapDrop: ['ALL'], CapAdd: [...capabilities] }),
      ...(confined ? { SecurityOpt: ['no-new-privileges'] } : {}),
      ...(container.memory === undefined
        ? {}
        : { Memory: container.memory, MemorySwap: container.memory }),
      PidsLimit: Math.min(container.processes ?? DEFAULT_PROCESSES, limits.processes),
      // Engines default to limits that a restricted host may not grant, so both are always named.
      Ulimits: [
        { Name: 'nofile', Soft: limits.openFiles, Hard: limits.openFiles },
        { Name: 'nproc', Soft: limits.processes, Hard: limits.processes },
      ],
    },
  };
}
