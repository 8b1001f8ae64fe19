import { Global, Module } from '@nestjs/common';

/** Token of whether the program is a guest of an engine: it uses one that runs, and never starts its own. */
export const ENGINE_GUEST = Symbol('ENGINE_GUEST');

/**
 * For programs beside the daemon: its private engine is the daemon's to start and to end, they only look
 * into it while it runs.
 */
@Global()
@Module({ providers: [{ provide: ENGINE_GUEST, useValue: true }], exports: [ENGINE_GUEST] })
export class EngineGuestModule {}
