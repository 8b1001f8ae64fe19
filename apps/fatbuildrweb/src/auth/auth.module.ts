import { Global, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { AccessModule, PolicyModule } from '@fatbuildr/access';
import { MonoInstance } from '../instances/mono-instance';
import { AccessGuard } from './access.guard';
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
  ],
  exports: [AccessModule, MonoInstance, Authenticator, TokenAuthenticator],
})
export class AuthModule {}
