import type { Readable } from 'node:stream';
import type { WindowSize } from '@fatbuildr/protocol';

/** Token of the {@link ContainerEngine}. */
export const CONTAINER_ENGINE = Symbol('ContainerEngine');

/** A program and its arguments; no shell reads them. */
export type ArgumentVector = readonly [string, ...string[]];

/** Whose container it is: written on it as labels, so that leftovers are found again. */
export interface ContainerOwner {
  instance: string;
  task: string;
}

export interface Mount {
  /** Absolute path on the host; it must exist. */
  source: string;
  /** Absolute path in the container. */
  target: string;
  readOnly?: boolean;
}

/**
 * How a container is made. What is not asked for is not granted: without `privileged` and
 * `capabilities` all capabilities are dropped and no program gains any (`no-new-privileges`). Memory and
 * processes are limited by `[containers]` of the configuration.
 */
export interface ContainerSettings {
  /** Name or id of a local image. */
  image: string;
  owner: ContainerOwner;
  /** `none`: loopback only. `host`: the network of the host. */
  network: 'none' | 'host';
  /** `user`, `uid` or `uid:gid`; root by default. */
  user?: string;
  workdir?: string;
  /** Added to the environment of the image. */
  environment?: Readonly<Record<string, string>>;
  mounts?: readonly Mount[];
  /** Everything is allowed, devices included: for trusted operations alone, never for what a definition brings. */
  privileged?: boolean;
  /** Capabilities to keep, without `CAP_`, for example those apt needs. They allow set-uid programs too. */
  capabilities?: readonly string[];
}

/** Something of which `[containers]` gives a container only so much. */
export type LimitedResource = 'memory' | 'processes';

export interface Command {
  argv: ArgumentVector;
  user?: string;
  workdir?: string;
  environment?: Readonly<Record<string, string>>;
}

/** The window a terminal is seen through. */
export interface TerminalWindow {
  readonly size: WindowSize | undefined;
  /** @param listener is told every size that follows */
  onResize(listener: (size: WindowSize) => void): void;
}

export interface CommandOptions {
  /** Receives what the command prints, as it arrives. */
  output?: (chunk: Buffer, stream: 'stdout' | 'stderr') => void;
  /** What the command reads from its standard input, which is empty by default. */
  input?: Readable;
  /** Runs the command on a terminal, where all it prints is `stdout`; the terminal's window is this one. */
  terminal?: TerminalWindow;
  /** Kills the container when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Milliseconds; the container is killed after them and the call rejects with `CONTAINERS.TIMEOUT`. */
  timeout?: number;
}

/** A container that runs one command and is gone. */
export interface OneShot extends ContainerSettings {
  argv: ArgumentVector;
}

/** A container that waits for commands until it is removed. */
export interface RunningContainer {
  readonly id: string;
  /** @returns the exit status; 127 when the program is not there. */
  exec(command: Command, options?: CommandOptions): Promise<number>;
  /** What of its root was added, changed or removed, mounts left out; engines also list files they wrote themselves. */
  changedPaths(): Promise<string[]>;
  /** What the container wanted more of than it may have, so far; `undefined` also when the host does not count. */
  exhausted(): Promise<LimitedResource | undefined>;
  /** Keeps the container's root as an image. */
  commit(image: NewImage): Promise<ImageDescription>;
  /** Kills what still runs in it, and leaves it for `resume`: removing it does nothing from now on. */
  keep(): Promise<void>;
  /** Kills what still runs in it; may be called twice. */
  remove(): Promise<void>;
}

export interface NewImage {
  /** With tag, for example `localhost/fatbuildr/dev/deb:latest`; an existing one of that name loses it. */
  name: string;
  /** Values are plain text: no quotes, dollar signs or backslashes. */
  labels: Readonly<Record<string, string>>;
  /** Variables for every container of the image; plain text like the labels. */
  environment?: Readonly<Record<string, string>>;
}

export interface ImageDescription {
  /** `sha256:…` */
  id: string;
  names: readonly string[];
  created: Date;
  /** Bytes, shared layers included. */
  size: number;
  labels: Readonly<Record<string, string>>;
}

/** A container of this installation, in any state. */
export interface OwnedContainer extends ContainerOwner {
  id: string;
}

/** Which leftovers to remove; nothing given: all of this installation. */
export interface Leftovers {
  instance?: string;
  task?: string;
}

/**
 * The one way to run something in a container: a Docker or Podman engine, found at first use.
 *
 * Every call rejects with `CONTAINERS.UNREACHABLE` when no engine is found or it went away,
 * `CONTAINERS.IMAGE_MISSING` when the image does not exist, `CONTAINERS.FAILED` with the engine's own
 * words otherwise.
 */
export interface ContainerEngine {
  /** Where the engine listens, for people; finds or starts it. */
  endpoint(): Promise<string>;
  /** @returns the exit status of the command. */
  run(container: OneShot, options?: CommandOptions): Promise<number>;
  start(container: ContainerSettings): Promise<RunningContainer>;
  /** Starts a container that was kept, as it was left; mounts must be where they were. Removed, it is kept again. */
  resume(id: string): Promise<RunningContainer>;
  /** Kills what runs in a container. @returns whether there is one of that id */
  halt(id: string): Promise<boolean>;
  /** Kills and removes a container; it is no fault when there is none. */
  removeContainer(id: string): Promise<void>;
  /** Those of this installation. */
  containers(): Promise<OwnedContainer[]>;
  /** Folder in which the engine keeps containers and images, on its host. */
  storage(): Promise<string>;
  /** Makes an image of one layer from a plain tar stream. */
  importImage(tar: Readable, image: NewImage): Promise<ImageDescription>;
  /** Fetches an image from its container registry. */
  pullImage(
    reference: string,
    options?: Omit<CommandOptions, 'timeout'>,
  ): Promise<ImageDescription>;
  /** @returns `undefined` when there is none of that name. */
  inspectImage(name: string): Promise<ImageDescription | undefined>;
  tagImage(image: string, name: string): Promise<void>;
  /** Removes the name, and the image with its last one; it is no fault when there is none. */
  removeImage(name: string): Promise<void>;
  /** Images that carry all the labels. */
  listImages(labels: Readonly<Record<string, string>>): Promise<ImageDescription[]>;
  /** Kills and removes containers that a killed daemon left. @returns how many there were. */
  removeLeftovers(which?: Leftovers): Promise<number>;
}
