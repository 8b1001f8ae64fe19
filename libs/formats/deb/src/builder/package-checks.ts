import { basename, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { recordFindings, report, type FormatBuilder, type Report } from '@fatbuildr/builds';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import {
  CONTAINER_ENGINE,
  type ArgumentVector,
  type ContainerEngine,
  type RunningContainer,
} from '@fatbuildr/containers';
import { messageOf } from '@fatbuildr/errors';
import { BUILD_USER, formatImageName } from '@fatbuildr/images';

export type ChecksRequest = Parameters<FormatBuilder['checks']>[0];

/** Milliseconds for lintian; packages of a gigabyte take minutes. */
const LINT_TIMEOUT = 15 * 60_000;
/** Statuses of lintian that tell of findings, not of faults. */
const LINTED = [0, 1, 2];

const MOUNTS = { packages: '/mnt', scripts: '/media' } as const;

/** Checks of one build: the source is looked at while its binaries are built. */
interface Session {
  container: RunningContainer;
  source: Promise<Report>;
  /** A lintian that has read itself in and waits for the names of the packages. */
  binaries: WaitingCheck;
}

interface WaitingCheck {
  /** Gives it what to look at, a name a line, and lets it begin. */
  check(names: readonly string[]): Promise<Report>;
}

/** Looks at what was built, in the format image: recorded in the journal and beside the packages. */
@Injectable()
export class PackageChecks {
  /** By task. */
  private readonly sessions = new Map<string, Promise<Session>>();

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine,
  ) {}

  /**
   * Begins with the source, in the background: lintian takes a second or two, which would otherwise
   * be waited for at the end. Goes on until `run` or `drop`; begun once, whatever the architectures.
   */
  begin(request: ChecksRequest): void {
    if (this.sessions.has(request.context.task.id)) return;
    const session = this.open(request);
    session.catch(() => undefined);
    this.sessions.set(request.context.task.id, session);
  }

  /** Ends what `begin` began; for a build that failed, whose own fault is the one to tell. */
  async drop(task: string): Promise<void> {
    await this.take(task)
      ?.then(({ container }) => container.remove())
      .catch(() => undefined);
  }

  /** Never fails for what it finds, nor for a checker that breaks; only for an abort. */
  async run(request: ChecksRequest): Promise<void> {
    const { journal, signal, task } = request.context;
    try {
      const session = await (this.take(task.id) ?? this.open(request));
      try {
        await this.check(session, request);
      } finally {
        await session.container.remove();
      }
    } catch (fault) {
      signal.throwIfAborted();
      journal.log('warning', `The checks could not be completed: ${messageOf(fault)}`);
    }
  }

  private take(task: string): Promise<Session> | undefined {
    const session = this.sessions.get(task);
    this.sessions.delete(task);
    return session;
  }

  private async open(request: ChecksRequest): Promise<Session> {
    const { context, instance, pipeline, results, files } = request;
    const container = await this.engine.start({
      image: formatImageName(instance.id, pipeline.format),
      owner: { instance: instance.id, task: context.task.id },
      network: 'none',
      user: BUILD_USER,
      workdir: MOUNTS.packages,
      environment: { LC_ALL: 'C.UTF-8', HOME: '/nonexistent' },
      mounts: [
        { source: results, target: MOUNTS.packages, readOnly: true },
        {
          source: join(this.configuration.images.defs, pipeline.format),
          target: MOUNTS.scripts,
          readOnly: true,
        },
      ],
    });
    const sources = files.map((file) => basename(file)).filter((name) => name.endsWith('.dsc'));
    const source = report(container, lintian(sources), limits(request));
    source.catch(() => undefined);
    return { container, source, binaries: waitingLintian(container, request) };
  }

  private async check(
    { container, source, binaries }: Session,
    request: ChecksRequest,
  ): Promise<void> {
    const { files } = request;
    const packages = files.map((file) => basename(file)).filter((name) => /\.[ud]?deb$/.test(name));
    const listing: ArgumentVector = ['sh', `${MOUNTS.scripts}/list-contents.sh`, ...packages];
    // Packages of debug symbols are made by debhelper, there is nothing about them to correct.
    const linted = packages.filter((name) => !/-dbgsym_[^_]*_[^_]*$/.test(name));
    const [contents, ...lints] = await Promise.all([
      report(container, listing, limits(request)),
      source,
      binaries.check(linted),
    ]);
    await recordFindings(request, { contents, linter: 'lintian', lints, linted: LINTED });
  }
}

/** @param program lintian, or one that becomes it */
function lintian(
  args: readonly string[],
  program: readonly string[] = ['lintian'],
): ArgumentVector {
  // The build beside it comes first.
  return ['nice', '-n', '19', ...program, '--no-cfg', '--color', 'never', ...args];
}

const limits = ({ context }: ChecksRequest) => ({ signal: context.signal, timeout: LINT_TIMEOUT });

/** Half of lintian's time for a small package is reading itself in: that is over when the build is. */
function waitingLintian(container: RunningContainer, request: ChecksRequest): WaitingCheck {
  const names = new PassThrough();
  const clock = new AbortController();
  const signal = AbortSignal.any([clock.signal, request.context.signal]);
  const waiting = report(
    container,
    lintian(['--packages-from-file', '-'], ['perl', `${MOUNTS.scripts}/waiting-lintian.pl`]),
    { input: names, signal },
  );
  waiting.catch(() => undefined);
  return {
    async check(listed) {
      const limit = setTimeout(
        () => clock.abort(new Error('lintian takes too long')),
        LINT_TIMEOUT,
      );
      names.end(listed.map((name) => `${name}\n`).join(''));
      try {
        const waited = await waiting;
        // A lintian whose parts are elsewhere may not bear to be prepared.
        return LINTED.includes(waited.status)
          ? waited
          : await report(container, lintian(listed), { signal });
      } finally {
        clearTimeout(limit);
      }
    },
  };
}
