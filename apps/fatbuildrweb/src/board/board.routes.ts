import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import { getQueueToken } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Action } from '@fatbuildr/access';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { InstancesService, type Instance } from '@fatbuildr/instances';
import { queueName } from '@fatbuildr/tasks';
import type { Queue } from 'bullmq';
import type { FastifyInstance } from 'fastify';
import { sendProblem } from '../api/problem.filter';
import { notAllowed } from '../auth/auth.errors';
import { Authenticator } from '../auth/authenticator';

/** Its pages ask for fonts from elsewhere, which they do without. */
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'self'; frame-ancestors 'none'";

/**
 * Boards of the queues, one per instance as tokens are: to look at for who may view tasks, and one more to
 * change for who may manage them. Each is guarded before the board sees a request.
 */
@Injectable()
export class BoardRoutes {
  constructor(
    private readonly instances: InstancesService,
    private readonly authenticator: Authenticator,
    private readonly modules: ModuleRef,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  async register(server: FastifyInstance): Promise<void> {
    const instances = this.instances.list();
    for (const instance of instances) {
      const path = `/board/${instance.id}`;
      await this.mount(server, instance, { path, action: 'view-task', readOnlyMode: true });
      await this.mount(server, instance, {
        ...{ path: `${path}/manage`, action: 'manage-task', readOnlyMode: false },
      });
    }
    const links = instances.map(({ id }) => `<li><a href="board/${id}/">${id}</a></li>`);
    server.get('/board', (_request, reply) =>
      reply
        .type('text/html; charset=utf-8')
        .send(
          `<!doctype html><html lang="en"><title>Queues</title><ul>${links.join('')}</ul></html>`,
        ),
    );
  }

  private async mount(
    server: FastifyInstance,
    instance: Instance,
    { path, action, readOnlyMode }: { path: string; action: Action; readOnlyMode: boolean },
  ): Promise<void> {
    const queue = this.modules.get<Queue>(getQueueToken(queueName(instance.id)), {
      strict: false,
    });
    const adapter = new FastifyAdapter();
    createBullBoard({
      queues: [new BullMQAdapter(queue, { readOnlyMode })],
      serverAdapter: adapter,
    });
    adapter.setBasePath(`${this.configuration.web.prefix}${path}`);
    await server.register(async (scope) => {
      scope.addHook('onRequest', async (request, reply) => {
        void reply.header('content-security-policy', POLICY);
        try {
          const caller = await this.authenticator.authenticate(request, instance);
          if (!caller.may(action)) throw notAllowed(caller, action);
        } catch (fault) {
          sendProblem(request, reply, fault);
          return reply;
        }
        return undefined;
      });
      await scope.register(adapter.registerPlugin(), { prefix: path });
    });
  }
}
