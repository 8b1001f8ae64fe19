import { fstatSync, openSync } from 'node:fs';
import { FatbuildrError } from '@fatbuildr/errors';
import { DaemonLogger, format, isJournal, type LogEntry } from './logger';

const entry = (change: Partial<LogEntry> = {}): LogEntry => ({
  time: new Date('2026-11-25T12:00:00Z'),
  level: 'log',
  context: 'runner',
  message: 'task 1 begins',
  fields: { task: '1', instance: 'default' },
  ...change,
});

describe('an entry of the log', () => {
  it('has time and level for people, in one entry whatever it quotes', () => {
    expect(format(entry(), 'text')).toBe('2026-11-25T12:00:00.000Z info    runner: task 1 begins');
    const forged = entry({ level: 'warn', message: 'no\n2026-11-25T12:00:01.000Z info x: y' });
    expect(format(forged, 'text')).toBe(
      '2026-11-25T12:00:00.000Z warning runner: no\n  2026-11-25T12:00:01.000Z info x: y',
    );
  });

  it.each([
    ['fatal', 2],
    ['error', 3],
    ['warn', 4],
    ['log', 6],
    ['debug', 7],
  ] as const)('has the priority of %s on each line for systemd', (level, priority) => {
    expect(format(entry({ level, message: 'one\ntwo' }), 'journal')).toBe(
      `<${priority}>runner: one\n<${priority}>two`,
    );
  });

  it('is one object with its fields for programs', () => {
    const line = format(entry({ message: 'one\ntwo' }), 'json');
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toEqual({
      ...{ time: '2026-11-25T12:00:00.000Z', level: 'info', context: 'runner' },
      ...{ message: 'one\ntwo', task: '1', instance: 'default' },
    });
  });
});

describe('the journal of systemd', () => {
  it('is known by device and inode, not by the variable alone', () => {
    const { dev, ino } = fstatSync(openSync('/dev/null', 'r'));
    const descriptor = openSync('/dev/null', 'r');
    expect(isJournal(`${dev}:${ino}`, descriptor)).toBe(true);
    expect(isJournal(`${dev}:${ino + 1}`, descriptor)).toBe(false);
    expect(isJournal(undefined, descriptor)).toBe(false);
  });
});

describe('the log of the daemon', () => {
  let lines: string[];
  beforeEach(() => {
    lines = [];
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      lines.push(String(text));
      return true;
    });
  });
  afterEach(() => jest.restoreAllMocks());

  const logger = (debug = false) =>
    new DaemonLogger({
      ...{ debug, fulldebug: false, logFormat: 'json', bus: 'auto' },
      ...{ idleExit: undefined, stopTimeout: undefined, concurrency: 1 },
    });
  const written = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);

  it('takes texts, objects with fields, and faults', () => {
    logger().log('a text', 'dbus');
    logger().warn({ message: 'an object', task: '1' }, 'runner');
    logger().error(new FatbuildrError('SOME.CODE', 'foreseen'), undefined, 'runner');
    logger().error(new Error('unforeseen'), undefined, 'runner');
    expect(written()).toMatchObject([
      { level: 'info', context: 'dbus', message: 'a text' },
      { level: 'warning', context: 'runner', message: 'an object', task: '1' },
      { level: 'error', message: 'foreseen', code: 'SOME.CODE' },
      { level: 'error', message: expect.stringMatching(/^Error: unforeseen\n +at /) as string },
    ]);
  });

  it('says what is for debugging only when told so, and nothing of the framework', () => {
    logger().debug('detail', 'dbus');
    logger().log('Starting Nest application...', 'NestFactory');
    expect(lines).toEqual([]);
    logger(true).debug('detail', 'dbus');
    expect(written()).toMatchObject([{ level: 'debug', message: 'detail' }]);
  });
});
