import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { DaemonInterceptor } from './daemon.interceptor';
import { DaemonLink } from './daemon-link';

/** The way to the daemon. */
@Module({
  providers: [DaemonLink, { provide: APP_INTERCEPTOR, useClass: DaemonInterceptor }],
})
export class DaemonModule {}
