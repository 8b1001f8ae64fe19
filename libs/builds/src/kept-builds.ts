import { statfs } from 'node:fs/promises';
import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { CONFIGURATION, parseInterval, type Configuration } from '@fatbuildr/config';
import { CONTAINER_ENGINE, type ContainerEngine } from '@fatbuildr/containers';
import { messageOf } from '@fatbuildr/errors';
import { runShell } from '@fatbuildr/images';
import type { Instance } from '@fatbuildr/instances';
import type { ParametersOf } from '@fatbuildr/protocol';
import { KeptTasks, TaskPurge, type KeptTask, type TaskContext } from '@fatbuildr/tasks';
import type { BuildTask } from './build-task';
import { checkKeeping } from './keeping';
import { keptInUse, noFailedBuild, notKept } from './kept-builds.errors';

/** Milliseconds as people read them, in UTC: `2026-11-29 10:30`. */
const moment = (milliseconds: number) =>
  new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ');

/**
 * Containers of failed builds, for people who look into them later. The rows of the builds tell which they
 * are; a container without one goes.
 */
@Injectable()
export class KeptBuilds implements OnModuleInit {
  private readonly logger = new Logger('kept builds');

  private recovered: Promise<void> | undefined;

  constructor(
    private readonly kept: KeptTasks,
    private readonly purge: TaskPurge,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine,
  ) {}

  onModuleInit(): void {
    this.purge.beforeRemoval(async (id) => {
      const task = (await this.kept.all()).find((one) => one.id === id);
      if (task) await this.remove(task, 'its task was purged');
    });
  }

  /**
   * Checks for how long a failed build is to be kept, for example `2h`.
   *
   * @returns the same
   * @throws FatbuildrError `BUILDS.KEEP_FAILED`
   */
  checkTime(text: string): string {
    return checkKeeping(text, this.configuration.tasks);
  }

  /** What keeps the container of the first command of a build that fails, for a time such as `2h`. */
  keeper({ task, journal }: TaskContext, time: string): NonNullable<BuildTask['keep']> {
    void this.recover().catch((fault: unknown) => this.logger.warn(messageOf(fault)));
    return async (container, workdir) => {
      const until = Date.now() + parseInterval(time);
      try {
        if (!(await this.kept.keep(task.id, until, { container: container.id, workdir }))) return;
        await container.keep();
        journal.log(
          'info',
          `The container is kept until ${moment(until)} UTC: fatbuildrctl shell ${task.id}`,
        );
      } catch (fault) {
        const reason = messageOf(fault);
        journal.log('warning', `The container is not kept: ${reason}`);
        await this.kept.forget(task.id, reason).catch(() => undefined);
      }
    };
  }

  /**
   * What is kept of a build that anybody may open a shell in now; to refuse early what cannot be.
   *
   * @param own the task of that shell itself
   * @throws FatbuildrError `TASKS.UNKNOWN`, `BUILDS.NO_FAILED_BUILD`, `BUILDS.NOT_KEPT`, `BUILDS.KEPT_IN_USE`
   */
  async require(
    instance: string,
    id: string,
    own?: string,
  ): Promise<{ container: string; workdir: string }> {
    const { task, kept, shell } = await this.kept.look(instance, id);
    if (task.name !== 'artifact build') throw noFailedBuild(id, `it is a task "${task.name}"`);
    if (task.state !== 'finished') throw noFailedBuild(id, `it is ${task.state}`);
    if (task.result !== 'failed') throw noFailedBuild(id, 'it succeeded');
    if (kept === undefined) throw notKept(id, task.keep_failed !== undefined);
    if (kept.gone !== undefined) throw notKept(id, true, kept.gone);
    if (shell !== undefined && shell !== own) throw keptInUse(id, shell);
    return kept;
  }

  /** Runs a shell, or a command, in what is kept of a build; what is done there stays. */
  async shell(
    instance: Instance,
    { build, ...shell }: ParametersOf<'failed build shell'>,
    context: TaskContext,
  ): Promise<void> {
    const { container: id, workdir } = await this.require(instance.id, build, context.task.id);
    // It would kill what runs from now on.
    await this.recover();
    const container = await this.engine.resume(id);
    try {
      await runShell(container, shell, context, undefined, workdir);
    } finally {
      // Kept again.
      await container.remove();
    }
  }

  /**
   * Brings in order, once, what an earlier daemon left: what ran in kept containers has nobody any more, and
   * containers that belong to no task under way and to nothing kept go.
   */
  private recover(): Promise<void> {
    this.recovered ??= this.recoverNow().catch((fault: unknown) => {
      this.recovered = undefined;
      throw fault;
    });
    return this.recovered;
  }

  private async recoverNow(): Promise<void> {
    for (const task of await this.unused()) {
      if (!(await this.engine.halt(task.container)))
        await this.kept.forget(task.id, 'it was removed');
    }
    for (const { id, task } of await this.engine.containers()) {
      const { finished, kept } = await this.kept.stateOf(task);
      if (finished && !kept) await this.engine.removeContainer(id);
    }
  }

  /** Removes containers whose time is over, and, as long as the disk has too little room, the oldest. */
  async sweep(now = Date.now()): Promise<void> {
    // The engine takes its time to start: not without need.
    if ((await this.kept.all()).length === 0) return;
    await this.recover();
    for (const task of await this.unused()) {
      if (task.until <= now) await this.remove(task, 'its time was over');
    }
    for (const task of await this.unused()) {
      if (!(await this.lacksRoom())) return;
      await this.remove(task, 'the disk had too little room');
    }
  }

  private async unused(): Promise<KeptTask[]> {
    const unused: KeptTask[] = [];
    for (const task of await this.kept.all()) {
      if (!(await this.kept.shells(task.instance)).has(task.id)) unused.push(task);
    }
    return unused;
  }

  private async lacksRoom(): Promise<boolean> {
    const { keepFree, workspaces } = this.configuration.tasks;
    if (keepFree === undefined) return false;
    for (const folder of [workspaces, await this.engine.storage()]) {
      // The engine of another host has its storage there.
      const disk = await statfs(folder).catch(() => undefined);
      if (disk && disk.bavail * disk.bsize < keepFree) return true;
    }
    return false;
  }

  private async remove({ id, container }: KeptTask, why: string): Promise<void> {
    await this.engine.removeContainer(container);
    await this.kept.forget(id, why);
    this.logger.log(`removed the container of failed build ${id}: ${why}`);
  }
}
