import { mkdtempSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BullModule } from '@nestjs/bullmq';
import { Injectable, type INestApplicationContext, type Provider, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ConfigModule, loadConfiguration } from '@fatbuildr/config';
import { DatabaseModule } from '@fatbuildr/database';
import { Instance, InstancesModule } from '@fatbuildr/instances';
import {
  JournalDecoder,
  type JournalMessage,
  type TaskDescription,
  type TaskName,
  type TaskParameters,
} from '@fatbuildr/protocol';
import {
  HandlesTask,
  PrivateRedis,
  Resubmits,
  TASK_NAMES,
  TaskRunner,
  TASKS_ENTITIES,
  TASKS_MIGRATIONS,
  TasksModule,
  TasksService,
  type TaskContext,
  type TaskHandler,
  type TaskResubmission,
} from '@fatbuildr/tasks';
import {
  InstanceWorkers,
  QUEUE_SERVER,
} from '../../../apps/fatbuildrd/src/processors/instance-workers';

const instance = new Instance({
  id: 'default',
  name: 'Default',
  gpg: { name: 'ACME', email: 'packages@acme.example' },
  architectures: ['x86_64'],
  pipelines: [
    {
      ...{ format: 'deb', distribution: 'bookworm', environment: 'bookworm' },
      ...{ tag: undefined, mirror: undefined, components: undefined, modules: [] },
    },
  ],
  derivatives: new Map(),
});

/** The tasks of one instance on a real Redis and a real database; the test says what they do. */
export class TaskHost {
  readonly home = mkdtempSync(join(tmpdir(), 'fbt-'));
  /** Ids of the tasks whose handler was called, in order. */
  ran: string[] = [];
  /** Called by the handler of every task. */
  work: (context: TaskContext) => Promise<void> = () => Promise.resolve();
  /** Called when a task is retried, with the old workspace and the new one. */
  resubmit: (from: string, to: string) => Promise<void> = () => Promise.resolve();
  /** The tasks there is a handler for. */
  names: readonly TaskName[] = TASK_NAMES;
  /** Changes as they were announced: `<id> <state> <result>`. */
  readonly changes: string[] = [];
  private env: NodeJS.ProcessEnv = {};
  private redis: PrivateRedis | undefined;
  private readonly visitors: INestApplicationContext[] = [];
  private app: INestApplicationContext | undefined;

  /** @param env `FATBUILDR_<SECTION>_<KEY>` of the configuration */
  async start(env: NodeJS.ProcessEnv = {}): Promise<void> {
    await mkdir(join(this.home, 'run'), { recursive: true });
    this.redis ??= await PrivateRedis.start(
      join(this.home, 'state/redis'),
      join(this.home, 'run/redis.sock'),
    );
    this.env = env;
    this.app = await this.container([
      InstanceWorkers,
      { provide: QUEUE_SERVER, useValue: { connection: this.connection } },
      ...this.handlers(),
      ...this.resubmissions(),
    ]);
    this.tasks.onChange(({ id, state, result }) => this.changes.push(`${id} ${state} ${result}`));
    this.get(TaskRunner).bindHandlers();
    await this.tasks.recover(instance.id);
  }

  /** The tasks as another process sees them, which runs none. */
  async visit(): Promise<TasksService> {
    const visitor = await this.container([]);
    this.visitors.push(visitor);
    return visitor.get(TasksService, { strict: false });
  }

  get<T>(token: Type<T> | string): T {
    return this.app!.get(token, { strict: false });
  }

  get tasks(): TasksService {
    return this.get(TasksService);
  }

  /** From here on tasks run. */
  startWorkers(): Promise<void> {
    return this.get(InstanceWorkers).start();
  }

  submit(
    parameters: TaskParameters = { name: 'keyring creation' },
    user = 'tester',
  ): Promise<string> {
    return this.tasks.submit(instance.id, user, parameters);
  }

  task(id: string): Promise<TaskDescription> {
    return this.tasks.get(instance.id, id);
  }

  cancel(id: string, user = 'jane'): Promise<boolean> {
    return this.tasks.cancel(instance.id, id, user);
  }

  /** Resolves when the task's handler is at work. */
  async begun(id: string): Promise<void> {
    while (!this.ran.includes(id)) await new Promise(setImmediate);
  }

  /** Resolves when the task's end is announced, after everything about it was written. */
  async ended(id: string): Promise<TaskDescription> {
    while (!this.changes.some((change) => change.startsWith(`${id} finished`))) {
      await new Promise(setImmediate);
    }
    return this.task(id);
  }

  async journal(id: string): Promise<JournalMessage[]> {
    const { io } = await this.task(id);
    return new JournalDecoder().push(await readFile(io.journal.path));
  }

  /** The texts of the journal's records of one level or all, without raw output. */
  async messages(id: string): Promise<string[]> {
    const records = await this.journal(id);
    return records.flatMap((record) => (record.command === 'log' ? [record.message] : []));
  }

  /** Ids of the tasks that have a workspace. */
  async workspaces(): Promise<string[]> {
    return (await readdir(join(this.home, 'workspaces/default')).catch(() => [])).sort();
  }

  /** Once stopped: the next start finds no task. */
  async forget(): Promise<void> {
    for (const name of ['workspaces', 'state/fatbuildr.sqlite']) {
      await rm(join(this.home, name), { recursive: true, force: true });
    }
  }

  /** As the daemon stops: its tasks are ended. What the test had set and seen is as at first again. */
  async stop(): Promise<void> {
    if (this.app !== undefined) await this.get(InstanceWorkers).stop();
    await this.abandon();
    this.ran = [];
    this.work = () => Promise.resolve();
    this.resubmit = () => Promise.resolve();
    this.names = TASK_NAMES;
    this.changes.length = 0;
  }

  /** As far as database and queue can tell the daemon is gone; what it was doing goes on. */
  async abandon(): Promise<void> {
    for (const visitor of this.visitors.splice(0)) await visitor.close();
    await this.app?.close();
    this.app = undefined;
  }

  async remove(): Promise<void> {
    await this.redis?.stop();
    await rm(this.home, { recursive: true });
  }

  private async container(providers: Provider[]): Promise<INestApplicationContext> {
    const { home, env } = this;
    const module = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot(loadConfiguration({ home, env })),
        DatabaseModule.forRoot({ entities: TASKS_ENTITIES, migrations: TASKS_MIGRATIONS }),
        BullModule.forRoot({ connection: this.connection }),
        InstancesModule.forRoot([instance]),
        TasksModule.forInstances([instance.id]),
      ],
      providers,
    }).compile();
    return module.init();
  }

  private get connection() {
    return { path: this.redis!.socket, maxRetriesPerRequest: null };
  }

  private handlers(): Type<TaskHandler>[] {
    const run = async (context: TaskContext): Promise<void> => {
      this.ran.push(context.task.id);
      await this.work(context);
    };
    return this.names.map((name) => {
      @Injectable()
      @HandlesTask(name)
      class Handler implements TaskHandler {
        run(_parameters: unknown, context: TaskContext): Promise<void> {
          return run(context);
        }
      }
      return Handler;
    });
  }

  private resubmissions(): Type<TaskResubmission>[] {
    const resubmit = (from: string, to: string) => this.resubmit(from, to);
    return TASK_NAMES.map((name) => {
      @Injectable()
      @Resubmits(name)
      class Resubmission implements TaskResubmission {
        async resubmit(parameters: TaskParameters, from: string, to: string) {
          await resubmit(from, to);
          return parameters;
        }
      }
      return Resubmission;
    });
  }
}

/** A build of an artifact, which conflicts with other builds of the same. */
export function build(artifact: string): TaskParameters {
  return {
    ...{ name: 'artifact build', format: 'deb', distribution: 'bookworm', derivative: 'main' },
    ...{ artifact, architectures: ['x86_64'], archives: [] },
    ...{ author: 'Jane', email: 'jane@acme.example', message: 'Another build' },
  };
}

/** Work that goes on until the task is told to end. */
export function untilAborted({ signal }: TaskContext): Promise<void> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('a command was killed')));
  });
}
