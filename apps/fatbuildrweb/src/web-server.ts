import type { AddressInfo } from 'node:net';
import cookie from '@fastify/cookie';
import multipart from '@fastify/multipart';
import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Configuration } from '@fatbuildr/config';
import type { FastifyInstance } from 'fastify';
import type { Instance } from '@fatbuildr/instances';
import { registerApiRoutes } from './api/register-routes';
import { FatbuildrwebModule } from './fatbuildrweb.module';
import { servedInstances } from './instances/served-instances';

/** Bytes of a request's body; uploads are streams of their own with limits of their own. */
const BODY_LIMIT = 1024 * 1024;

/** Longest part of a path that is a parameter: an artifact's name is a file's name. */
const PARAMETER_CHARACTERS = 255;

/** Milliseconds a client may take; whoever is slower is cut off. */
export interface Patience {
  /** Until the headers of a request are there. */
  headers: number;
  /** Without a byte in either direction. */
  silence: number;
  /** Until a request is there with its body, which may be an upload of gigabytes. */
  request: number;
  /** For what a refused request still sends. */
  refused: number;
}

const PATIENCE: Patience = {
  headers: 20_000,
  silence: 60_000,
  request: 6 * 3_600_000,
  refused: 10_000,
};

/** The life of the web server. */
export class WebServer {
  private constructor(
    private readonly app: NestFastifyApplication,
    /** Where it listens. */
    readonly url: string,
  ) {}

  static async start(
    configuration: Configuration,
    instances: readonly Instance[],
    patience: Patience = PATIENCE,
  ): Promise<WebServer> {
    const { web } = configuration;
    const app = await NestFactory.create<NestFastifyApplication>(
      FatbuildrwebModule.forParts({
        configuration,
        instances: servedInstances(instances, web),
      }),
      new FastifyAdapter({
        bodyLimit: BODY_LIMIT,
        trustProxy: web.trustedProxies.length > 0 && web.trustedProxies,
        rewriteUrl: ({ url = '/' }) => withoutPrefix(url, web.prefix),
        connectionTimeout: patience.silence,
        requestTimeout: patience.request,
        http: {
          headersTimeout: patience.headers,
          connectionsCheckingInterval: patience.headers / 4,
        },
        routerOptions: { maxParamLength: PARAMETER_CHARACTERS },
      }),
      { logger: logger(web.debug), abortOnError: false },
    );
    await app.register(cookie);
    await app.register(multipart);
    cutOffRefused(app.getHttpAdapter().getInstance(), patience.refused);
    await registerApiRoutes(app);
    await app.listen(web.port, web.host);
    const { port } = app.getHttpServer().address() as AddressInfo;
    const host = web.host.includes(':') ? `[${web.host}]` : web.host;
    return new WebServer(app, `http://${host}:${port}${web.prefix}`);
  }

  async stop(): Promise<void> {
    await this.app.close();
  }
}

/** A proxy may hand requests on with the prefix, or without it. */
function withoutPrefix(url: string, prefix: string): string {
  if (prefix === '' || !url.startsWith(prefix)) return url;
  const rest = url.slice(prefix.length);
  if (rest.startsWith('/')) return rest;
  return rest === '' || rest.startsWith('?') ? `/${rest}` : url;
}

/**
 * A request that is answered before its body is there is read on, to nowhere, so that the client gets to
 * the answer; but not for ever.
 */
function cutOffRefused(server: FastifyInstance, limit: number): void {
  server.addHook('onResponse', ({ raw }, _reply, done) => {
    if (!raw.complete) {
      raw.resume();
      const deadline = setTimeout(() => raw.socket.destroy(), limit);
      raw.once('close', () => clearTimeout(deadline));
    }
    done();
  });
}

function logger(debug: boolean): ConsoleLogger {
  const levels: LogLevel[] = ['warn', 'error', 'fatal'];
  if (debug) levels.push('log', 'debug');
  const colors = process.stdout.isTTY === true && !process.env.NO_COLOR;
  return new ConsoleLogger({ prefix: 'fatbuildrweb', logLevels: levels, colors, timestamp: false });
}
