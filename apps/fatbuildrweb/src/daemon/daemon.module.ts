import { Global, Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { PUBLIC_KEYS_ONLY } from '@fatbuildr/keyring';
import { DaemonInterceptor } from './daemon.interceptor';
import { DaemonLink } from './daemon-link';

/** The way to the daemon, and what is left to it: it alone holds private keys. */
@Global()
@Module({
  providers: [
    DaemonLink,
    { provide: APP_INTERCEPTOR, useClass: DaemonInterceptor },
    { provide: PUBLIC_KEYS_ONLY, useValue: true },
  ],
  exports: [PUBLIC_KEYS_ONLY, DaemonLink],
})
export class DaemonModule {}
