import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { InstancesService, type Instance } from '@fatbuildr/instances';
import type { FastifyRequest } from 'fastify';
import { Authenticator } from './authenticator';
import type { GuardedRequest } from './caller';
import { MonoInstance } from '../instances/mono-instance';
import { notAllowed } from './auth.errors';
import { REQUIRES, type Requirement } from './requires.decorator';

/** Every request passes here: its instance is found, its caller is known and may do what the route asks. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly instances: InstancesService,
    private readonly mono: MonoInstance,
    private readonly authenticator: Authenticator,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    const requirement = this.reflector.getAllAndOverride<Requirement>(REQUIRES, targets);
    const request = context.switchToHttp().getRequest<FastifyRequest & GuardedRequest>();
    const instance = this.instanceOf(request);
    if (instance !== undefined) request.instance = instance;
    const caller = await this.authenticator.authenticate(request, instance);
    request.caller = caller;
    if (requirement !== 'none' && !caller.may(requirement)) throw notAllowed(caller, requirement);
    return true;
  }

  /** @throws FatbuildrError `INSTANCES.UNKNOWN` */
  private instanceOf({ params }: FastifyRequest): Instance | undefined {
    const { instance } = params as { instance?: string };
    return instance === undefined ? this.mono.instance : this.instances.get(instance);
  }
}
