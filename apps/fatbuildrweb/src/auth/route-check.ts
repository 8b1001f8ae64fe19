import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { unguardedRoute } from './auth.errors';
import { REQUIRES } from './requires.decorator';

/** Where Nest keeps the path of a route. */
const PATH = 'path';

/** Every route says what it asks of its caller, or the server does not start. */
@Injectable()
export class RouteCheck implements OnApplicationBootstrap {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  /** @throws FatbuildrError `WEB.UNGUARDED` */
  onApplicationBootstrap(): void {
    for (const { metatype, name } of this.discovery.getControllers()) {
      if (!metatype) continue;
      const prototype = metatype.prototype as Record<string, () => unknown>;
      for (const key of this.scanner.getAllMethodNames(prototype)) {
        const handler = prototype[key]!;
        if (!Reflect.hasMetadata(PATH, handler)) continue;
        if (this.reflector.getAllAndOverride(REQUIRES, [handler, metatype]) === undefined) {
          throw unguardedRoute(String(name), key);
        }
      }
    }
  }
}
