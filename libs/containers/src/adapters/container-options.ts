import type Docker from 'dockerode';
import type { ContainerSettings } from '../container-engine.port';
import { LABELS } from '../labels';

/** The host name in containers without network: builds that record it stay reproducible. */
const HOSTNAME = 'fatbuildr';

export function environmentList(environment: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(environment).map(([name, value]) => `${name}=${value}`);
}

/** What a container may have. */
export interface ContainerLimits {
  openFiles: number;
  /** Of one user on the whole host. */
  processes: number;
  /** Of the container; `undefined`: as many as the user. */
  maxProcesses: number | undefined;
  /** Bytes; `undefined`: all there are. */
  maxMemory: number | undefined;
}

/** The engine's creation request for a container that runs `argv`. */
export function creationOptions(
  container: ContainerSettings,
  argv: readonly string[],
  limits: ContainerLimits,
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
      ...(limits.maxMemory === undefined
        ? {}
        : { Memory: limits.maxMemory, MemorySwap: limits.maxMemory }),
      PidsLimit: Math.min(limits.maxProcesses ?? Infinity, limits.processes),
      // Engines default to limits that a restricted host may not grant, so both are always named.
      Ulimits: [
        { Name: 'nofile', Soft: limits.openFiles, Hard: limits.openFiles },
        { Name: 'nproc', Soft: limits.processes, Hard: limits.processes },
      ],
    },
  };
}
