import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Authenticator } from '../auth/authenticator';
import { notAllowed } from '../auth/auth.errors';
import { sendProblem } from '../api/problem.filter';
import { MonoInstance } from '../instances/mono-instance';
import { Metrics } from './metrics';
import { ReadinessProbe } from './readiness';

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** What watches over the server: is it alive, can it serve, how does it do. */
@Injectable()
export class OperationsRoutes {
  constructor(
    private readonly readiness: ReadinessProbe,
    private readonly metrics: Metrics,
    private readonly authenticator: Authenticator,
    private readonly mono: MonoInstance,
  ) {}

  register(server: FastifyInstance): void {
    this.metrics.measure(server);
    server.get('/healthz', (_request, reply) => reply.type('text/plain').send('ok\n'));
    server.get('/readyz', async (_request, reply) => {
      const state = await this.readiness.probe();
      return reply.code(state.ready ? 200 : 503).send(state);
    });
    server.get('/metrics', async (request, reply) => {
      try {
        await this.admit(request);
        return await reply.type(this.metrics.type).send(await this.metrics.text());
      } catch (fault) {
        sendProblem(request, reply, fault);
        return reply;
      }
    });
  }

  /** This host may ask without a token; what a proxy hands on does not come from this host. */
  private async admit(request: FastifyRequest): Promise<void> {
    const handedOn = 'x-forwarded-for' in request.headers || 'forwarded' in request.headers;
    if (!handedOn && LOOPBACK.has(request.ip)) return;
    const caller = await this.authenticator.authenticate(request, this.mono.instance);
    if (!caller.may('view-task')) throw notAllowed(caller, 'view-task');
  }
}
