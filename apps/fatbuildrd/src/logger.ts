import { fstatSync } from 'node:fs';
import type { LoggerService, LogLevel } from '@nestjs/common';
import type { Configuration } from '@fatbuildr/config';
import { FatbuildrError } from '@fatbuildr/errors';

/** What Nest says of its own start is of interest only to who debugs it. */
const FRAMEWORK = new Set(['NestFactory', 'InstanceLoader', 'NestApplicationContext']);

/** Each level with its name for people and its priority of syslog(3). */
const LEVELS: Readonly<Record<LogLevel, { name: string; priority: number }>> = {
  fatal: { name: 'fatal', priority: 2 },
  error: { name: 'error', priority: 3 },
  warn: { name: 'warning', priority: 4 },
  log: { name: 'info', priority: 6 },
  debug: { name: 'debug', priority: 7 },
  verbose: { name: 'debug', priority: 7 },
};

/** One entry of the log; fields beyond these are what the entry is about: `task`, `instance`, `user` … */
export interface LogEntry {
  time: Date;
  level: LogLevel;
  /** The part of the daemon that speaks. */
  context: string;
  message: string;
  fields: Readonly<Record<string, unknown>>;
}

/**
 * `json`: an object a line. `journal`: for systemd, which adds the time itself and takes the priority from
 * the start of each line (sd-daemon(3)). `text`: for people.
 */
export type LogStyle = 'text' | 'json' | 'journal';

/** The lines of an entry, without the end of the last one. */
export function format(
  { time, level, context, message, fields }: LogEntry,
  style: LogStyle,
): string {
  const { name, priority } = LEVELS[level];
  if (style === 'json') {
    return JSON.stringify({ time: time.toISOString(), level: name, context, message, ...fields });
  }
  const lines = `${context}: ${message}`.split('\n');
  if (style === 'journal') return lines.map((line) => `<${priority}>${line}`).join('\n');
  // Indented, so that nothing a message quotes passes for an entry of its own.
  return `${time.toISOString()} ${name.padEnd(7)} ${lines.join('\n  ')}`;
}

/** Whether standard error goes to the journal of systemd: systemd.exec(5), "JOURNAL_STREAM". */
export function isJournal(stream: string | undefined, descriptor: number): boolean {
  if (!stream) return false;
  const { dev, ino } = fstatSync(descriptor);
  return stream === `${dev}:${ino}`;
}

/**
 * The daemon's log, on standard error. A message is a text, a fault, or an object with `message` and the
 * fields it is about.
 */
export class DaemonLogger implements LoggerService {
  private readonly style: LogStyle;
  private readonly levels: ReadonlySet<LogLevel>;
  private readonly framework: boolean;

  constructor({ debug, fulldebug, logFormat }: Configuration['daemon']) {
    const levels: LogLevel[] = ['log', 'warn', 'error', 'fatal'];
    if (debug || fulldebug) levels.push('debug');
    if (fulldebug) levels.push('verbose');
    this.levels = new Set(levels);
    this.framework = fulldebug;
    const journal = isJournal(process.env.JOURNAL_STREAM, process.stderr.fd);
    this.style = logFormat === 'text' && journal ? 'journal' : logFormat;
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write('log', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('verbose', message, rest);
  }

  /** @param rest Nest puts a stack, if it has one, first and the context last */
  private write(level: LogLevel, what: unknown, rest: unknown[]): void {
    if (!this.levels.has(level)) return;
    const context = typeof rest.at(-1) === 'string' ? String(rest.at(-1)) : 'daemon';
    if (level === 'log' && !this.framework && FRAMEWORK.has(context)) return;
    const { message, ...fields } = entryOf(what);
    const entry = { time: new Date(), level, context, message, fields };
    process.stderr.write(`${format(entry, this.style)}\n`);
  }
}

/** Of a fault that nobody foresaw the stack tells most. */
function entryOf(what: unknown): { message: string } & Record<string, unknown> {
  if (what instanceof FatbuildrError) return { message: what.message, code: what.code };
  if (what instanceof Error) return { message: what.stack ?? what.message };
  if (typeof what === 'object' && what !== null && 'message' in what) {
    return { ...what, message: String(what.message) };
  }
  return { message: String(what) };
}
