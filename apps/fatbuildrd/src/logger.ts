import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import type { Configuration } from '@fatbuildr/config';

/** What Nest says of its own start is of interest only to who debugs it. */
const FRAMEWORK = new Set(['NestFactory', 'InstanceLoader', 'NestApplicationContext']);

/** The daemon's log on its terminal, or the journal of systemd. */
export class DaemonLogger extends ConsoleLogger {
  private readonly framework: boolean;

  constructor({ debug, fulldebug }: Configuration['daemon']) {
    const levels: LogLevel[] = ['log', 'warn', 'error', 'fatal'];
    if (debug || fulldebug) levels.push('debug');
    if (fulldebug) levels.push('verbose');
    const colors = process.stdout.isTTY === true && !process.env.NO_COLOR;
    super({ prefix: 'fatbuildrd', logLevels: levels, colors, timestamp: false });
    this.framework = fulldebug;
  }

  override log(message: unknown, ...rest: unknown[]): void {
    if (!this.framework && FRAMEWORK.has(String(rest.at(-1)))) return;
    super.log(message, ...(rest as [unknown]));
  }
}
