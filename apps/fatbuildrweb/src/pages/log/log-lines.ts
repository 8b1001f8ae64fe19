import { StringDecoder } from 'node:string_decoder';
import { closesTask, LogLevel, type JournalMessage } from '@fatbuildr/protocol';
import { escapeHtml } from '../frame/html';
import { TerminalText } from './terminal-text';

/** A line of a task's log. */
export interface LogLine {
  /** From 1; links name it: `#L12`. */
  number: number;
  html: string;
  kind: LineKind;
}

/** `step`: one begins; `error`: where a reader who asks "why" should look. */
export type LineKind = 'output' | 'debug' | 'info' | 'step' | 'warning' | 'error' | 'end';

/** How compilers, make, dpkg and apt say that something is wrong. */
const ERROR =
  /(?:^|[\s:])(?:fatal )?error(?::|\s+\d+$)|^E: |\bError \d+(?:\s*\(ignored\))?$|^make(?:\[\d+\])?: \*\*\*/i;
const IGNORED = /\(ignored\)$/;

/** The messages of a journal as numbered lines. */
export class LogLines {
  private readonly terminal = new TerminalText();
  private readonly decoder = new StringDecoder('utf8');
  private count = 0;
  /** Whether the record that closes the task was seen. */
  ended = false;

  /** @returns the lines that are complete now */
  push(message: JournalMessage): LogLine[] {
    if (message.command === 'output') {
      return this.number(this.terminal.push(this.decoder.write(message.data)));
    }
    if (message.command !== 'log') return [];
    // A record never stands in the middle of what a program prints.
    const broken = this.terminal.pending === '' ? [] : [this.terminal.finish()];
    const text = new TerminalText();
    const lines = [...text.push(message.message), text.finish()];
    this.ended ||= closesTask(message);
    return [...this.number(broken), ...this.number(lines, kindOf(message))];
  }

  /** HTML of the line that is not complete yet; empty when there is none. */
  get pending(): string {
    return this.terminal.pending;
  }

  private number(lines: readonly string[], kind?: LineKind): LogLine[] {
    return lines.map((html) => {
      this.count += 1;
      return { number: this.count, html, kind: kind ?? (isError(html) ? 'error' : 'output') };
    });
  }
}

function kindOf(record: Extract<JournalMessage, { command: 'log' }>): LineKind {
  const { level, message } = record;
  if (level >= LogLevel.error) return 'error';
  if (closesTask(record)) return 'end';
  if (level >= LogLevel.warning) return 'warning';
  if (level < LogLevel.info) return 'debug';
  return /^Step \S.*(?<! done in [\d.]+ s)$/.test(message) ? 'step' : 'info';
}

function isError(html: string): boolean {
  const text = html.replace(/<[^>]*>/g, '').trimEnd();
  return ERROR.test(text) && !IGNORED.test(text);
}

/** The element of a line. The number is drawn by the style sheet: who copies the log copies the log alone. */
export function lineElement({ number, html, kind }: LogLine): string {
  const name = kind === 'output' ? 'l' : `l l-${kind}`;
  return `<div class="${name}" id="L${number}"><a href="#L${number}" data-n="${number}" tabindex="-1" aria-hidden="true"></a><span>${html}</span></div>`;
}

/** A line of its own making, for what stands between the lines of a log. */
export function noteElement(text: string): string {
  return `<div class="l l-note"><span>${escapeHtml(text)}</span></div>`;
}
