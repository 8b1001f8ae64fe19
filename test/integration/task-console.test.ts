import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import {
  encodeJournalMessage,
  JournalDecoder,
  type JournalMessage,
  type TaskParameters,
  type TypedMessage,
  type WindowSize,
} from '@fatbuildr/protocol';
import { exitedWith, type ConsoleSession } from '@fatbuildr/tasks';
import { TaskHost } from './support/task-host';

const SHELL: TaskParameters = { name: 'image shell', format: 'deb', term: 'xterm', command: [] };

/** A client on the console of a task. */
class Client {
  readonly messages: JournalMessage[] = [];
  private heard: () => void = () => undefined;

  private constructor(readonly socket: Socket) {
    const decoder = new JournalDecoder();
    socket.on('data', (chunk) => {
      this.messages.push(...decoder.push(chunk));
      this.heard();
    });
  }

  static async connect(path: string): Promise<Client> {
    const socket = createConnection(path);
    await once(socket, 'connect');
    return new Client(socket);
  }

  send(...messages: TypedMessage[]): void {
    for (const message of messages) this.socket.write(encodeJournalMessage(message));
  }

  type(text: string): void {
    this.send({ command: 'output', data: Buffer.from(text) });
  }

  resize(rows: number, columns: number): void {
    this.send({ command: 'window-size', rows, columns });
  }

  get printed(): string {
    const output = this.messages.flatMap((one) => (one.command === 'output' ? [one.data] : []));
    return Buffer.concat(output).toString();
  }

  /** Resolves when what it got fulfils the condition. */
  async gets(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.heard = resolve));
  }

  prints(text: string): Promise<void> {
    return this.gets(() => this.printed.includes(text));
  }

  async leave(): Promise<void> {
    this.socket.destroy();
    await once(this.socket, 'close');
  }
}

describe('the console of an interactive task', () => {
  const host = new TaskHost();
  const clients: Client[] = [];

  beforeEach(() => host.start({ FATBUILDR_TASKS_TERMINAL_GRACE: '1h' }));
  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.destroy();
    await host.stop();
  });
  afterAll(() => host.remove());

  /** A program that prints every size of its window and what is typed, and ends at "q". */
  async function repeater(session: ConsoleSession): Promise<number> {
    const show = ({ rows, columns }: WindowSize) =>
      session.output(Buffer.from(`[${rows}x${columns}]`));
    if (session.terminal?.size) show(session.terminal.size);
    session.terminal?.onResize(show);
    const abort = () => session.input.destroy(session.signal.reason as Error);
    session.signal.addEventListener('abort', abort);
    for await (const data of session.input as AsyncIterable<Buffer>) {
      session.output(Buffer.from(`<${data.toString()}>`));
      if (data.includes('q')) return 0;
    }
    session.output(Buffer.from('<end>'));
    return 0;
  }

  function opens(kind: 'terminal' | 'pipe'): void {
    host.work = async ({ console }) => void (await console!.open(kind, repeater));
  }

  async function withoutPatience(): Promise<void> {
    await host.stop();
    await host.start({ FATBUILDR_TASKS_TERMINAL_GRACE: '1s' });
  }

  async function running(parameters = SHELL): Promise<{ id: string; path: string }> {
    await host.startWorkers();
    const id = await host.submit(parameters);
    await host.begun(id);
    return { id, path: (await host.task(id)).io.console };
  }

  async function attach(path: string): Promise<Client> {
    const client = await Client.connect(path);
    clients.push(client);
    return client;
  }

  it('is shown to be one, and lets in only user and group of the workspaces', async () => {
    opens('terminal');
    const { id, path } = await running();
    expect((await host.task(id)).io.interactive).toBe(true);
    const socket = await stat(path);
    const { uid, gid } = await stat(join(host.home, 'workspaces'));
    expect(socket).toMatchObject({ uid, gid });
    expect((socket.mode & 0o777).toString(8)).toBe('660');
  });

  it('shows the same to all, takes from any, and fits the window into all', async () => {
    opens('terminal');
    const { id, path } = await running();
    const one = await attach(path);
    one.resize(50, 100);
    await one.prints('[50x100]');
    const other = await attach(path);
    other.resize(24, 132);
    await one.prints('[24x100]');
    one.type('a');
    await other.prints('<a>');
    other.type('b');
    await one.prints('<b>');
    await other.leave();
    await one.prints('<b>[50x100]');
    one.type('q');
    expect(await host.ended(id)).toMatchObject({ result: 'success' });
  });

  it('says at which point of the journal keys are taken, to those who come late, too', async () => {
    opens('terminal');
    const { id, path } = await running();
    const early = await attach(path);
    early.resize(24, 80);
    early.type('x');
    await early.prints('<x>');
    const late = await attach(path);
    await late.prints('<x>');
    early.type('q');
    await host.ended(id);
    await late.gets(() => late.messages.some((one) => one.command === 'raw-off'));
    const commands = late.messages.map(({ command }) => command);
    expect(commands.indexOf('raw-on')).toBeLessThan(commands.indexOf('output'));
    expect(commands.lastIndexOf('output')).toBeLessThan(commands.indexOf('raw-off'));
    expect((await host.journal(id)).map(({ command }) => command)).toContain('raw-off');
  });

  it('goes on for who comes back in time', async () => {
    opens('terminal');
    const { id, path } = await running();
    const first = await attach(path);
    first.resize(24, 80);
    await first.prints('[24x80]');
    await first.leave();
    const second = await attach(path);
    second.type('again');
    await second.prints('<again>');
    second.type('q');
    expect(await host.ended(id)).toMatchObject({ result: 'success' });
  });

  it('ends when everybody has left, with that reason', async () => {
    await withoutPatience();
    opens('terminal');
    const { id, path } = await running();
    const client = await attach(path);
    client.resize(24, 80);
    await client.prints('[24x80]');
    await client.leave();
    const { result, reason } = await host.ended(id);
    expect({ result, reason }).toEqual({
      result: 'failed',
      reason: 'nobody was at its terminal for 1s, see [tasks] terminal_grace',
    });
  });

  it('ends when nobody comes, for a watcher that says nothing is nobody', async () => {
    await withoutPatience();
    opens('terminal');
    const { id, path } = await running();
    await attach(path);
    expect((await host.ended(id)).reason).toContain('nobody was at its terminal');
  });

  it('hands over what was piped in before the command was there, and its end', async () => {
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    host.work = async ({ console }) => {
      await begun;
      await console!.open('pipe', repeater);
    };
    const { id, path } = await running({ ...SHELL, term: '' });
    const client = await attach(path);
    client.type('piped');
    client.type('');
    begin();
    await host.ended(id);
    const commands = (await host.journal(id)).map(({ command }) => command);
    expect(commands).not.toContain('raw-on');
    await client.gets(() => client.printed.endsWith('<end>'));
    expect(client.printed).toBe('<piped><end>');
  });

  it('ends the input of a pipe whose writer is gone', async () => {
    await withoutPatience();
    opens('pipe');
    const { id, path } = await running({ ...SHELL, term: '' });
    const client = await attach(path);
    client.type('half');
    await client.prints('<half>');
    await client.leave();
    expect(await host.ended(id)).toMatchObject({ result: 'success' });
  });

  it('throws out who sends what can be no message', async () => {
    opens('terminal');
    const { id, path } = await running();
    const client = await attach(path);
    client.resize(24, 80);
    await client.prints('[24x80]');
    const stranger = await attach(path);
    const header = Buffer.from('0100000000000080', 'hex');
    stranger.socket.on('error', () => undefined);
    const closed = new Promise((resolve) => stranger.socket.once('close', resolve));
    stranger.socket.write(Buffer.concat([header, Buffer.alloc(2 * 1024 * 1024)]));
    await closed;
    client.type('q');
    expect(await host.ended(id)).toMatchObject({ result: 'success' });
  });

  it('gives a large paste to a slow reader whole', async () => {
    const size = 3_000_000;
    let received = 0;
    host.work = async ({ console }) => {
      await console!.open('pipe', async ({ input }) => {
        for await (const data of input as AsyncIterable<Buffer>) {
          received += data.length;
          await new Promise(setImmediate);
        }
      });
    };
    const { id, path } = await running({ ...SHELL, term: '' });
    const client = await attach(path);
    for (let sent = 0; sent < size; sent += 30_000) client.type('p'.repeat(30_000));
    client.type('');
    await host.ended(id);
    expect(received).toBe(size);
  });

  it('is over when the task is cancelled', async () => {
    opens('terminal');
    const { id, path } = await running();
    const client = await attach(path);
    client.resize(24, 80);
    await client.prints('[24x80]');
    await host.cancel(id);
    expect(await host.ended(id)).toMatchObject({ reason: 'cancelled by jane' });
  });

  it('leaves the exit status of its command in the task', async () => {
    host.work = () => Promise.reject(exitedWith(3));
    const { id } = await running();
    expect(await host.ended(id)).toMatchObject({
      result: 'failed',
      reason: 'the command exited with status 3',
      exit_status: 3,
    });
  });

  it('takes nothing where nobody may type', async () => {
    let there = true;
    host.work = ({ console }) => {
      there = console !== undefined;
      return Promise.resolve();
    };
    const { id } = await running({ name: 'keyring creation' });
    expect(await host.ended(id)).toMatchObject({ io: { interactive: false } });
    expect(there).toBe(false);
  });
});
