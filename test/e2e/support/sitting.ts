import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { execute } from './installation';

/** Wipes the line it is on away. */
const CLEAR_LINE = '\x1b[2K';

/** A program on a pseudo terminal of its own, that of script(1), and somebody in front of it. */
export class Sitting {
  private readonly child: ChildProcess;
  private printed = '';
  private heard: () => void = () => undefined;

  constructor(argv: readonly string[], env: NodeJS.ProcessEnv) {
    const command = argv.map((part) => `'${part.replaceAll("'", `'\\''`)}'`).join(' ');
    // The shell stays, to tell how the terminal was left.
    const script = `tty; stty rows 33 cols 101; stty -g; ${command}; status=$?; stty -g; exit $status`;
    this.child = spawn(
      'script',
      ['--quiet', '--flush', '--return', '--command', script, '/dev/null'],
      {
        env: { ...process.env, NO_COLOR: '1', TERM: 'xterm', SHELL: '/bin/sh', ...env },
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    this.child.stdout!.on('data', (chunk: Buffer) => {
      this.printed += chunk.toString();
      this.heard();
    });
  }

  /** What it has printed and not wiped away since, without control sequences. */
  get text(): string {
    const lines = this.printed.split('\n').map((line) => line.split(CLEAR_LINE).at(-1));
    return stripVTControlCharacters(lines.join('\n')).replaceAll('\r', '');
  }

  /** What it has printed, as it is. */
  get raw(): string {
    return this.printed;
  }

  type(keys: string): void {
    this.child.stdin!.write(keys);
  }

  /** Resolves when it has printed the text. */
  async prints(text: string): Promise<void> {
    const ended = once(this.child, 'close');
    while (!this.text.includes(text)) {
      if (this.child.exitCode !== null)
        throw new Error(`it ended without "${text}":\n${this.text}`);
      await Promise.race([new Promise<void>((resolve) => (this.heard = resolve)), ended]);
    }
  }

  /** Gives its window another size. */
  async resize(rows: number, columns: number): Promise<void> {
    const [device] = /\/dev\/pts\/\d+/.exec(this.text) ?? [''];
    const size = ['rows', String(rows), 'cols', String(columns)];
    expect(await execute(['stty', '-F', device, ...size])).toMatchObject({ status: 0 });
  }

  /** Closes the terminal under the program. */
  hangUp(): void {
    this.child.kill('SIGKILL');
  }

  /** @returns its exit status, and whether the terminal was left as it was found */
  async ended(): Promise<{ status: number | null; restored: boolean }> {
    if (this.child.exitCode === null) await once(this.child, 'close');
    const [before, ...later] = this.text.match(/^[0-9a-f:]{40,}$/gm) ?? [];
    return {
      status: this.child.exitCode,
      restored: before !== undefined && later.at(-1) === before,
    };
  }
}
