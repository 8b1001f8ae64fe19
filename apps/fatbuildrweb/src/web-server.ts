import type { AddressInfo } from 'node:net';
import cookie from '@fastify/cookie';
import multipart from '@fastify/multipart';
import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Configuration } from '@fatbuildr/config';
import type { Instance } from '@fatbuildr/instances';
import { registerApiRoutes } from './api/register-routes';
import { FatbuildrwebModule } from './fatbuildrweb.module';
import { servedInstances } from './instances/served-instances';

/** Bytes of a request's body; uploads are streams of their own with limits of their own. */
const BODY_LIMIT = 1024 * 1024;

/** Longest part of a path that is a parameter: an artifact's name is a file's name. */
const PARAMETER_CHARACTERS = 255;

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
  ): Promise<WebServer> {
    const { web } = configuration;
    const app = await NestFactory.create<NestFastifyApplication>(
      FatbuildrwebModule.forParts({
        configuration,
        instances: servedInstances(instances, web.instance),
      }),
      new FastifyAdapter({
        bodyLimit: BODY_LIMIT,
        trustProxy: false,
        routerOptions: { maxParamLength: PARAMETER_CHARACTERS },
      }),
      { logger: logger(web.debug), abortOnError: false },
    );
    await app.register(cookie);
    await app.register(multipart);
    await registerApiRoutes(app);
    await app.listen(web.port, web.host);
    const { port } = app.getHttpServer().address() as AddressInfo;
    const host = web.host.includes(':') ? `[${web.host}]` : web.host;
    return new WebServer(app, `http://${host}:${port}`);
  }

  async stop(): Promise<void> {
    await this.app.close();
  }
}

function logger(debug: boolean): ConsoleLogger {
  const levels: LogLevel[] = ['warn', 'error', 'fatal'];
  if (debug) levels.push('log', 'debug');
  const colors = process.stdout.isTTY === true && !process.env.NO_COLOR;
  return new ConsoleLogger({ prefix: 'fatbuildrweb', logLevels: levels, colors, timestamp: false });
}
