import type { Instance } from '@fatbuildr/instances';
import type { FastifyRequest } from 'fastify';
import type { Caller } from './caller';

/** Finds out who makes a request. */
export abstract class Authenticator {
  /**
   * @param instance whose tokens and roles count; `undefined` on routes that belong to none
   * @throws FatbuildrError `ACCESS.TOKEN` for credentials that are no good: they are never taken for none
   */
  abstract authenticate(request: FastifyRequest, instance: Instance | undefined): Promise<Caller>;
}
