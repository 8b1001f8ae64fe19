import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { messageOf } from '@fatbuildr/errors';
import { InstancesService } from '@fatbuildr/instances';
import { TasksService, type TaskChange } from '@fatbuildr/tasks';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; builds take minutes to hours. */
const TASK_BUCKETS = [1, 5, 15, 60, 300, 900, 3600, 4 * 3600];
const HTTP_BUCKETS = [0.002, 0.01, 0.05, 0.2, 1, 5, 30];

/** What Prometheus asks for: tasks, requests, and the process itself. */
@Injectable()
export class Metrics implements OnModuleInit {
  private readonly logger = new Logger('metrics');
  private readonly registry = new Registry();
  private readonly durations = new Histogram({
    name: 'fatbuildr_task_duration_seconds',
    help: 'Run time of tasks that ended since the server started.',
    labelNames: ['instance', 'name', 'result'],
    buckets: TASK_BUCKETS,
    registers: [this.registry],
  });
  private readonly requests = new Histogram({
    name: 'fatbuildr_http_request_duration_seconds',
    help: 'Time until the answer to a request was sent.',
    labelNames: ['method', 'route', 'status'],
    buckets: HTTP_BUCKETS,
    registers: [this.registry],
  });

  constructor(
    private readonly tasks: TasksService,
    private readonly instances: InstancesService,
  ) {}

  onModuleInit(): void {
    collectDefaultMetrics({ register: this.registry });
    this.countTasks();
    this.tasks.onChange((change) => {
      if (change.state === 'finished') void this.observe(change);
    });
  }

  /** Measures every request of a server, by the route and not by the path. */
  measure(server: FastifyInstance): void {
    server.addHook('onResponse', (request, reply, done) => {
      const route = request.routeOptions.url ?? 'unknown';
      const labels = { method: request.method, route, status: reply.statusCode };
      this.requests.observe(labels, reply.elapsedTime / 1000);
      done();
    });
  }

  get type(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  private countTasks(): void {
    const { tasks, instances } = this;
    new Gauge({
      name: 'fatbuildr_tasks',
      help: 'Tasks that wait or run.',
      labelNames: ['instance', 'state'],
      registers: [this.registry],
      async collect() {
        for (const { id: instance } of instances.list()) {
          for (const state of ['pending', 'running'] as const) {
            const found = await tasks.search(instance, { states: [state] });
            this.set({ instance, state }, found.length);
          }
        }
      },
    });
  }

  private async observe({ instance, id }: TaskChange): Promise<void> {
    try {
      const { name, result, started, ended } = await this.tasks.get(instance, id);
      // One that was cancelled before it began has not run.
      if (started === undefined || ended === undefined) return;
      this.durations.observe({ instance, name, result }, ended - started);
    } catch (fault) {
      this.logger.warn(`task ${id} was not measured: ${messageOf(fault)}`);
    }
  }
}
