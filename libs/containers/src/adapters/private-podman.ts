import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { run, socketRelease, start, type StartedProcess } from '@fatbuildr/processes';
import { readContainerLimits } from '../process-limits';
import { endMonitors } from './monitors';

/** sun_path holds 108 bytes, its terminating zero included (unix(7)). */
const LONGEST_SOCKET_PATH = 107;
/** Bytes of what the service printed that are kept to explain a failed start. */
const KEPT_LOG_BYTES = 4096;

export interface PrivatePodmanPlaces {
  /** Folder of the daemon's state. */
  state: string;
  /** Folder of the daemon's sockets. */
  run: string;
}

/**
 * A Podman service of our own for hosts where no engine runs, with a configuration that also fits
 * restricted hosts: runc and cgroupfs work on mixed cgroup versions, limits stay below our own.
 */
export class PrivatePodman {
  readonly socket: string;
  private readonly configuration: string;
  /**
   * Podman's run-time state, which must not outlive a reboot (it would take containers of before for
   * running ones), so it is not under the home; Podman also refuses paths longer than 50 bytes for it.
   */
  private readonly volatile: string;
  private readonly storage: string;
  private process: StartedProcess | undefined;
  private log = '';

  constructor(private readonly places: PrivatePodmanPlaces) {
    const home = createHash('sha256').update(places.state).digest('hex').slice(0, 12);
    const base = process.getuid?.() === 0 ? '/run' : (process.env.XDG_RUNTIME_DIR ?? '/tmp');
    this.volatile = join(base, `fatbuildr-podman-${home}`);
    const socket = join(places.run, 'podman.sock');
    this.socket =
      Buffer.byteLength(socket) <= LONGEST_SOCKET_PATH
        ? socket
        : join(this.volatile, 'podman.sock');
    this.configuration = join(places.state, 'podman');
    this.storage = join(places.state, 'containers');
  }

  /** Starts the service; it listens soon after. @throws FatbuildrError `PROCESS.MISSING` without podman */
  async start(): Promise<void> {
    for (const folder of [this.places.run, this.volatile, this.configuration]) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    }
    const environment = await this.writeConfiguration();
    // The service of a killed daemon ends with it, and may leave its socket.
    await socketRelease(this.socket);
    await rm(this.socket, { force: true });
    this.process = start(['podman', 'system', 'service', '--time=0', `unix://${this.socket}`], {
      // Its monitors leave a file `oom` in the folder they run in when a command is killed for want of memory.
      cwd: this.volatile,
      env: environment,
      stdio: 'pipe',
    });
    const keep = (chunk: Buffer) => {
      this.log = (this.log + chunk.toString('utf8')).slice(-KEPT_LOG_BYTES);
    };
    this.process.child.stdout?.on('data', keep);
    this.process.child.stderr?.on('data', keep);
  }

  get running(): boolean {
    const child = this.process?.child;
    return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Resolves when the service has ended. */
  get gone(): Promise<void> {
    return this.process?.gone ?? Promise.resolve();
  }

  /** The last lines the service printed. */
  get complaint(): string {
    return this.log.trim().split('\n').slice(-3).join(' ');
  }

  /** @param idle whether no container runs, so that the run-time state may go too */
  async stop(idle: boolean): Promise<void> {
    await this.process?.stop();
    this.process = undefined;
    await rm(this.socket, { force: true });
    if (!idle) return;
    await endMonitors(this.storage);
    // Podman leaves its storage bind-mounted on itself, which would keep the home from being removed.
    await run(['umount', join(this.storage, 'overlay')], { accept: [0, 1, 32] });
    await rm(this.volatile, { recursive: true, force: true });
  }

  private async writeConfiguration(): Promise<NodeJS.ProcessEnv> {
    const limits = await readContainerLimits();
    const containers = join(this.configuration, 'containers.conf');
    const storage = join(this.configuration, 'storage.conf');
    await writeFileAtomic(
      containers,
      [
        '[containers]',
        'cgroups = "enabled"',
        'cgroupns = "host"',
        'netns = "host"',
        // Podman would hand our proxy variables, and the passwords in them, to every build.
        'http_proxy = false',
        `default_ulimits = ["nofile=${limits.openFiles}:${limits.openFiles}", "nproc=${limits.processes}:${limits.processes}"]`,
        '[engine]',
        'runtime = "runc"',
        'cgroup_manager = "cgroupfs"',
        'events_logger = "file"',
        // Seconds a finished command's status can be asked for. Podman's 300 leave a process each behind.
        'exit_command_delay = 10',
        `tmp_dir = ${toml(join(this.volatile, 'libpod'))}`,
        '',
      ].join('\n'),
      { mode: 0o600 },
    );
    await writeFileAtomic(
      storage,
      [
        '[storage]',
        'driver = "overlay"',
        `graphroot = ${toml(this.storage)}`,
        `runroot = ${toml(join(this.volatile, 'run'))}`,
        '',
      ].join('\n'),
      { mode: 0o600 },
    );
    const { PATH, HOME, TMPDIR, http_proxy, https_proxy, no_proxy } = process.env;
    return {
      PATH: PATH ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: HOME ?? '/root',
      ...(TMPDIR === undefined ? {} : { TMPDIR }),
      // Podman fetches images itself.
      ...(http_proxy === undefined ? {} : { http_proxy }),
      ...(https_proxy === undefined ? {} : { https_proxy }),
      ...(no_proxy === undefined ? {} : { no_proxy }),
      CONTAINERS_CONF: containers,
      CONTAINERS_STORAGE_CONF: storage,
    };
  }
}

/** A TOML basic string. */
function toml(text: string): string {
  return JSON.stringify(text);
}
