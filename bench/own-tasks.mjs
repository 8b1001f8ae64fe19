// The tasks of the daemon's own modules in this process, on a Redis and a database of their own: tasks with
// workspace, journal and console, whose handlers have nothing to do.
import { mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const INSTANCE = 'bench';

export class OwnTasks {
  #app;
  #redis;
  #tasks;
  #workers;
  #ended = new Set();
  /** What to call at the end of tasks, by id. */
  #ends = new Map();
  /** Milliseconds at which tasks began, by id. */
  begun = new Map();

  /** @param {string} folder emptied first */
  static async create({ root, folder }) {
    const require = createRequire(join(root, 'dist/libs/'));
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(folder, 'run'), { recursive: true });
    const { ConfigModule, loadConfiguration } = require('./config/src');
    const { DatabaseModule } = require('./database/src');
    const { Instance, InstancesModule } = require('./instances/src');
    const tasks = require('./tasks/src');
    const {
      InstanceWorkers,
      QUEUE_SERVER,
    } = require('../apps/fatbuildrd/src/processors/instance-workers');
    const { BullModule } = require('@nestjs/bullmq');
    const { Module } = require('@nestjs/common');
    const { NestFactory } = require('@nestjs/core');
    const own = new OwnTasks();
    own.#redis = await tasks.PrivateRedis.start(
      join(folder, 'state/redis'),
      join(folder, 'run/redis.sock'),
    );
    const connection = { path: own.#redis.socket, maxRetriesPerRequest: null };
    const handlers = tasks.TASK_NAMES.map((name) => {
      class Handler {
        run({ id }, context) {
          own.begun.set(context.task.id, performance.now());
          return Promise.resolve(id);
        }
      }
      tasks.HandlesTask(name)(Handler);
      return Handler;
    });
    class Bench {}
    Module({
      imports: [
        ConfigModule.forRoot(loadConfiguration({ home: folder, env: {} })),
        DatabaseModule.forRoot({
          entities: tasks.TASKS_ENTITIES,
          migrations: tasks.TASKS_MIGRATIONS,
        }),
        BullModule.forRoot({ connection }),
        InstancesModule.forRoot([new Instance(instanceOf())]),
        tasks.TasksModule.forInstances([INSTANCE]),
      ],
      providers: [
        InstanceWorkers,
        { provide: QUEUE_SERVER, useValue: { connection } },
        ...handlers,
      ],
    })(Bench);
    own.#app = await NestFactory.createApplicationContext(Bench, { logger: ['error'] });
    own.#tasks = own.#app.get(tasks.TasksService, { strict: false });
    own.#workers = own.#app.get(InstanceWorkers);
    own.#tasks.onChange(({ id, state }) => {
      if (state !== 'finished') return;
      own.#ended.add(id);
      own.#ends.get(id)?.();
    });
    own.#app.get(tasks.TaskRunner, { strict: false }).bindHandlers();
    await own.#tasks.recover(INSTANCE);
    await own.#workers.start();
    return own;
  }

  /** @returns {Promise<string>} id of the task, which is independent of every other one */
  submit(number) {
    return this.#tasks.submit(INSTANCE, 'bench', {
      ...{ name: 'artifact build', format: 'deb', distribution: 'bench', derivative: 'main' },
      ...{ artifact: `artifact-${number}`, architectures: ['x86_64'], archives: [] },
      ...{ author: 'Bench', email: 'bench@acme.example', message: 'Nothing' },
    });
  }

  /** Resolves when a task has ended. */
  async ended(id) {
    if (!this.#ended.has(id)) await new Promise((resolve) => this.#ends.set(id, resolve));
  }

  async close() {
    await this.#workers.stop();
    await this.#app.close();
    await this.#redis.stop();
  }
}

function instanceOf() {
  return {
    id: INSTANCE,
    name: 'Bench',
    gpg: { name: 'Bench', email: 'bench@acme.example' },
    architectures: ['x86_64'],
    pipelines: [{ format: 'deb', distribution: 'bench', environment: 'bench', modules: [] }],
    derivatives: new Map(),
  };
}
