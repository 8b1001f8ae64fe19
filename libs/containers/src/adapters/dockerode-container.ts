import type { Duplex } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import type { WindowSize } from '@fatbuildr/protocol';
import type {
  Command,
  CommandOptions,
  ImageDescription,
  LimitedResource,
  NewImage,
  RunningContainer,
  TerminalWindow,
} from '../container-engine.port';
import { engineFailed, imageMissing } from '../containers.errors';
import { COUNTERS, exhaustedResource } from './cgroup-counters';
import { followOutput, guarded } from './command-stream';
import { environmentList } from './container-options';
import { splitName } from './image-format';

/** Exit statuses of an engine that could not start a program which is there. */
const CANNOT_START: ReadonlySet<number> = new Set([125, 126]);

/** What a container needs of its engine. */
export interface EngineHold {
  /** Instructions for a new image. */
  changes(image: NewImage): string[];
  talk<T>(what: string, work: () => Promise<T>): Promise<T>;
  inspectImage(name: string): Promise<ImageDescription | undefined>;
  keep(): Promise<void>;
  remove(): Promise<void>;
}

export class DockerodeContainer implements RunningContainer {
  private removing: Promise<void> | undefined;

  constructor(
    private readonly container: Docker.Container,
    private readonly engine: EngineHold,
  ) {}

  get id(): string {
    return this.container.id;
  }

  exec(command: Command, options: CommandOptions = {}): Promise<number> {
    return guarded(
      command.argv,
      options,
      () => this.remove(),
      () =>
        this.engine.talk('run a command', async () => {
          const { input, output, terminal } = options;
          const exec = await this.container.exec({
            Cmd: [...command.argv],
            Tty: terminal !== undefined,
            AttachStdin: input !== undefined,
            AttachStdout: true,
            AttachStderr: true,
            ...(command.user === undefined ? {} : { User: command.user }),
            ...(command.workdir === undefined ? {} : { WorkingDir: command.workdir }),
            Env: environmentList(command.environment),
          });
          const attached = input !== undefined;
          const stream = await exec.start({
            ...{ hijack: attached, stdin: attached },
            ...(terminal === undefined ? {} : startOnTerminal(terminal.size)),
          });
          // A command may end without reading all of its input.
          if (input) pipeline(input, stream).catch(() => undefined);
          if (terminal) await this.followTerminal(exec, stream, terminal, output);
          else await followOutput(this.container.modem, stream, output);
          const { ExitCode: status, Running: running } = await exec.inspect();
          if (status === null || running) {
            throw engineFailed(
              'run a command',
              new Error(`"${command.argv[0]}" lost its container`),
            );
          }
          return status;
        }),
    );
  }

  private async followTerminal(
    exec: Docker.Exec,
    stream: Duplex,
    terminal: TerminalWindow,
    output: CommandOptions['output'],
  ): Promise<void> {
    // One after the other: of two at once the engine may do the later one first.
    let resized = Promise.resolve();
    const resize = ({ rows, columns }: WindowSize) => {
      resized = resized
        .then(() => exec.resize({ h: rows, w: columns }) as Promise<void>)
        // A program that has just ended has no window.
        .catch(() => undefined);
    };
    terminal.onResize(resize);
    stream.on('data', (chunk: Buffer) => output?.(chunk, 'stdout'));
    await finished(stream, { writable: false });
  }

  async changedPaths(): Promise<string[]> {
    const changes = await this.engine.talk(
      'look for changes',
      () => this.container.changes() as Promise<readonly { Path: string }[] | null>,
    );
    return (changes ?? []).map(({ Path: path }) => path);
  }

  async exhausted(): Promise<LimitedResource | undefined> {
    const counters: Buffer[] = [];
    try {
      const status = await this.exec(
        { argv: ['grep', '-Hs', '', ...COUNTERS], user: '0:0' },
        { output: (chunk, stream) => stream === 'stdout' && counters.push(chunk) },
      );
      // What the command left running takes up every place, so that nobody can begin to count.
      if (CANNOT_START.has(status)) return 'processes';
    } catch {
      // Its first process may have been killed for want of memory, and the container with it.
      return undefined;
    }
    return exhaustedResource(Buffer.concat(counters).toString('utf8'));
  }

  async commit(image: NewImage): Promise<ImageDescription> {
    const { repository, tag } = splitName(image.name);
    return this.engine.talk(`commit the image ${image.name}`, async () => {
      // Nothing of ours runs in it any more, so there is nothing to pause.
      await this.container.commit({
        repo: repository,
        tag,
        changes: this.engine.changes(image),
        pause: false,
      });
      const made = await this.engine.inspectImage(image.name);
      if (!made) throw imageMissing(image.name);
      return made;
    });
  }

  async keep(): Promise<void> {
    await this.engine.keep();
    this.removing = Promise.resolve();
  }

  remove(): Promise<void> {
    this.removing ??= this.engine.remove();
    return this.removing;
  }
}

/** The engine's request to start a command on a terminal: Podman takes `h` and `w`, Docker `ConsoleSize`. */
function startOnTerminal(size: WindowSize | undefined) {
  if (size === undefined) return { Tty: true };
  const { rows, columns } = size;
  return { Tty: true, h: rows, w: columns, ConsoleSize: [rows, columns] };
}
