import { Global, Module } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, DiscoveryModule } from '@nestjs/core';
import { AccessModule, PolicyModule } from '@fatbuildr/access';
import { MonoInstance } from '../instances/mono-instance';
import { AccessGuard } from './access.guard';
import { AuditInterceptor } from './audit.interceptor';
import { Authenticator } from './authenticator';
import { FailureLimit } from './failure-limit';
import { RouteCheck } from './route-check';
import { TokenAuthenticator } from './token-authenticator';

/** Who asks, and whether they may. */
@Global()
@Module({
  imports: [AccessModule, PolicyModule, DiscoveryModule],
  providers: [
    MonoInstance,
    FailureLimit,
    RouteCheck,
    TokenAuthenticator,
    { provide: Authenticator, useExisting: TokenAuthenticator },
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
  ],
  exports: [AccessModule, MonoInstance, Authenticator, TokenAuthenticator],
})
export class AuthModule {}
