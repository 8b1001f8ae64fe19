import { once } from 'node:events';
import { appendFileSync, existsSync } from 'node:fs';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Message, MessageType, sessionBus, Variant, type MessageBus } from 'dbus-next';
import {
  encodeJournalMessage,
  LogLevel,
  type JournalMessage,
  type TaskDescription,
  type TaskState,
} from '@fatbuildr/protocol';
import {
  BUS_NAME,
  DbusClient,
  INSTANCE_INTERFACE,
  MANAGER_PATH,
  toWire,
} from '@fatbuildr/protocol-dbus';

const PATH = `${MANAGER_PATH}/Instances/default`;
const LAST: JournalMessage = { command: 'log', level: LogLevel.info, message: 'Task succeeded' };

type Answer = [signature: string, ...body: unknown[]];
type Handler = (...args: never[]) => Answer;

/** The contract's members a test needs, on a bus of its own. */
class TestService {
  readonly handlers = new Map<string, Handler>();
  /** Called with each member after its answer was sent, for tests that act in between. */
  onCall: (member: string) => void = () => undefined;

  constructor(readonly bus: MessageBus) {
    bus.addMethodHandler((message: Message) => this.handle(message));
  }

  private handle(message: Message): boolean {
    const property = message.interface === 'org.freedesktop.DBus.Properties';
    const member = property ? String(message.body[1]) : message.member;
    const handler = this.handlers.get(member);
    if (message.type !== MessageType.METHOD_CALL || !handler) return false;
    try {
      const [signature, ...body] = handler(...(message.body as never[]));
      const reply = property
        ? Message.newMethodReturn(message, 'v', [new Variant(signature, body[0])])
        : Message.newMethodReturn(message, signature, body);
      this.bus.send(reply);
    } catch (fault) {
      const [name, text] = (fault as Error).message.split(': ');
      const failed = message as unknown as string;
      this.bus.send(Message.newError(failed, `${BUS_NAME}.${name}`, text));
    }
    this.onCall(member);
    return true;
  }

  announce(id: string, state: TaskState): void {
    const body = [id, state, 'unknown'];
    this.bus.send(Message.newSignal(PATH, INSTANCE_INTERFACE, 'TaskStateChanged', 'sss', body));
  }
}

describe('DbusClient', () => {
  let folder: string;
  let daemon: ChildProcess;
  let service: TestService;
  let client: DbusClient;
  let task: TaskDescription;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fatbuildr-dbus-'));
    await mkdir(join(folder, 'run'));
    const address = `unix:path=${join(folder, 'run', 'bus')}`;
    daemon = spawn(
      'dbus-daemon',
      ['--session', '--nofork', '--print-address', '--address', address],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    await once(daemon.stdout!, 'data');
    await writeFile(join(folder, 'run', 'bus.address'), `${address}\n`);
    const bus = sessionBus({ busAddress: address });
    await once(bus, 'connect');
    await bus.requestName(BUS_NAME, 0);
    service = new TestService(bus);
    service.handlers.set('GetInstance', (id: string) => {
      if (id !== 'default') throw new Error(`ErrorUnknownInstance: no instance ${id}`);
      return ['o', PATH];
    });
    task = pendingTask(join(folder, 'task'));
    await mkdir(task.place);
    service.handlers.set('Task', () => ['a{sv}', toWire(task)]);
    client = await DbusClient.connect({ kind: 'home', home: folder }, 'default');
  });

  afterEach(async () => {
    await client.close();
    service.bus.on('error', () => undefined);
    service.bus.disconnect();
    if (daemon.exitCode === null && daemon.signalCode === null) {
      daemon.kill();
      await once(daemon, 'exit');
    }
    await rm(folder, { recursive: true });
  });

  describe('questions', () => {
    it('opens structures in lists and properties', async () => {
      service.handlers.set('Queue', () => ['aa{sv}', [toWire(task)]]);
      await expect(client.queue()).resolves.toEqual([task]);
    });

    it('has no running task where the daemon says so', async () => {
      service.handlers.set('Running', () => {
        throw new Error('ErrorNoRunningTask: no task is running');
      });
      await expect(client.running()).resolves.toBeUndefined();
    });

    it('has no environment where the daemon says none', async () => {
      service.handlers.set('PipelinesDistributionEnvironment', () => ['s', 'none']);
      await expect(client.pipelinesDistributionEnvironment('images')).resolves.toBeUndefined();
    });

    it('tells absent texts and sizes apart from present ones', async () => {
      const artifact = { name: 'hello', architecture: 'src', version: undefined, size: undefined };
      const wire = { ...toWire(artifact), size: new Variant('i', -1) };
      service.handlers.set('Artifacts', () => ['aa{sv}', [wire]]);
      const place = { format: 'deb', distribution: 'bookworm', derivative: 'main' };
      await expect(client.artifacts(place)).resolves.toEqual([
        { name: 'hello', architecture: 'src', version: '', size: -1 },
      ]);
    });

    it('tells where a found artifact is published', async () => {
      const artifact = { name: 'hello', architecture: 'src', version: '1', size: 2 };
      const place = { format: 'deb', distribution: 'bookworm', derivative: 'main' };
      service.handlers.set('Search', () => ['aa{sv}', [toWire({ ...place, ...artifact })]]);
      await expect(client.search('ell')).resolves.toEqual([{ ...place, artifact }]);
    });

    it('hands on the message of an error of the daemon', async () => {
      service.handlers.set('Keyring', () => {
        throw new Error('ErrorNoKeyring: instance default has no keyring, create one');
      });
      await expect(client.keyring()).rejects.toMatchObject({
        code: 'DAEMON.NO_KEYRING',
        message: 'instance default has no keyring, create one',
      });
    });

    it('says when the daemon is too old to know', async () => {
      await expect(client.search('x')).rejects.toThrow('the daemon does not know Search');
    });
  });

  describe('changes', () => {
    it('submits a build with all its arguments in order', async () => {
      const received: unknown[] = [];
      service.handlers.set('Build', (...args: unknown[]) => {
        received.push(...args);
        return ['s', 'id-1'];
      });
      const id = await client.build({
        format: 'deb',
        distribution: 'bookworm',
        architectures: [],
        derivative: 'main',
        artifact: 'hello',
        author: 'Jane Roe',
        email: 'jane@acme.example',
        message: 'Build',
        tarball: '/up/hello.tar.xz',
        sources: [{ id: 'hello', path: '/up/hello_1.tar.xz' }],
        interactive: false,
      });
      expect(id).toBe('id-1');
      expect(received.slice(0, 9)).toEqual([
        ...['deb', 'bookworm', [], 'main', 'hello'],
        ...['Jane Roe', 'jane@acme.example', 'Build', '/up/hello.tar.xz'],
      ]);
      const path = new Variant('s', '/up/hello_1.tar.xz');
      expect(received[9]).toEqual([{ id: new Variant('s', 'hello'), path }]);
    });

    it('gives each upload a private folder until it is closed', async () => {
      service.handlers.set('Uploads', () => ['s', folder]);
      const paths = [await client.uploadPath('../a.tar'), await client.uploadPath('a.tar')];
      for (const path of paths) {
        expect(basename(path)).toBe('a.tar');
        expect(dirname(dirname(path))).toBe(folder);
        expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
      }
      expect(paths[0]).not.toBe(paths[1]);
      await writeFile(paths[0]!, 'left');
      await client.close();
      for (const path of paths) expect(existsSync(dirname(path))).toBe(false);
    });

    it('says when the uploads cannot be written', async () => {
      service.handlers.set('Uploads', () => ['s', join(folder, 'absent')]);
      await expect(client.uploadPath('a')).rejects.toThrow('cannot write what is to be built');
    });
  });

  describe('connecting', () => {
    it('refuses an instance the daemon does not have', async () => {
      await expect(DbusClient.connect({ kind: 'home', home: folder }, 'x')).rejects.toMatchObject({
        code: 'DAEMON.UNKNOWN_INSTANCE',
        message: 'no instance x',
      });
    });

    it('says how to start a daemon where none runs', async () => {
      const home = join(folder, 'elsewhere');
      const missing = `no daemon runs under ${home}, start it with: fatbuildrd --home ${home}`;
      await expect(DbusClient.connect({ kind: 'home', home }, 'default')).rejects.toThrow(missing);
      await mkdir(join(home, 'run'), { recursive: true });
      await writeFile(join(home, 'run', 'bus.address'), `unix:path=${home}/run/bus\n`);
      await expect(DbusClient.connect({ kind: 'home', home }, 'default')).rejects.toThrow(missing);
    });

    it('says when nobody has the name on a bus', async () => {
      await service.bus.releaseName(BUS_NAME);
      const bus = { kind: 'address', address: `unix:path=${join(folder, 'run', 'bus')}` } as const;
      await expect(DbusClient.connect(bus, 'default')).rejects.toThrow(
        `no daemon answers as ${BUS_NAME} on the bus unix:path=`,
      );
    });

    it('fails a call in flight when the bus ends', async () => {
      service.handlers.set('History', () => {
        daemon.kill('SIGKILL');
        return ['aa{sv}', []];
      });
      service.bus.on('error', () => undefined);
      await expect(client.history(1)).rejects.toThrow('went away before it answered');
    });
  });

  describe('watch', () => {
    let console: Server | undefined;
    const sockets: Socket[] = [];

    afterEach(() => {
      for (const socket of sockets.splice(0)) socket.destroy();
      console?.close();
      console = undefined;
    });

    /** What comes out, as texts. */
    async function watched(signal?: AbortSignal): Promise<string[]> {
      const texts: string[] = [];
      for await (const message of client.watch({ ...task }, signal)) texts.push(text(message));
      return texts;
    }

    async function openConsole(connected: (socket: Socket) => void): Promise<void> {
      console = createServer((socket) => {
        sockets.push(socket);
        connected(socket);
      });
      console.listen(task.io.console);
      await once(console, 'listening');
    }

    it('reads the file of a finished task', async () => {
      task = { ...task, state: 'finished', result: 'success' };
      await writeFile(
        task.io.journal.path,
        Buffer.concat([output('a'), output('b'), record(LAST)]),
      );
      await expect(watched()).resolves.toEqual(['a', 'b', 'Task succeeded']);
    });

    it('follows the console of a running task to its last record', async () => {
      task = { ...task, state: 'running' };
      await openConsole((socket) => {
        const bytes = Buffer.concat([output('first'), output('second'), record(LAST)]);
        // Cut inside a header: what arrives in pieces is one message.
        socket.write(bytes.subarray(0, 16));
        setImmediate(() => socket.write(bytes.subarray(16)));
      });
      await expect(watched()).resolves.toEqual(['first', 'second', 'Task succeeded']);
    });

    it('waits for the announcement of a pending task', async () => {
      await openConsole((socket) => socket.write(Buffer.concat([output('x'), record(LAST)])));
      // The question for the state is the last thing the client asks before it waits.
      service.onCall = (member) => {
        if (member !== 'Task') return;
        service.onCall = () => undefined;
        task = { ...task, state: 'running' };
        service.announce('another', 'running');
        service.announce(task.id, 'running');
      };
      await expect(watched()).resolves.toEqual(['x', 'Task succeeded']);
    });

    it('bridges the moment between the announcement and the console', async () => {
      task = { ...task, state: 'running' };
      let asked = 0;
      service.onCall = (member) => {
        // By its second question the client has found no console and no journal.
        if (member !== 'Task' || (asked += 1) !== 1) return;
        setImmediate(() => {
          void openConsole((socket) => socket.write(Buffer.concat([output('x'), record(LAST)])));
        });
      };
      await expect(watched()).resolves.toEqual(['x', 'Task succeeded']);
    });

    it('takes the rest from the file when the console breaks, nothing twice', async () => {
      task = { ...task, state: 'running' };
      await writeFile(task.io.journal.path, Buffer.concat([output('a'), output('b')]));
      await openConsole((socket) => {
        socket.end(output('a'));
        task = { ...task, state: 'finished', result: 'failed' };
        appendFileSync(task.io.journal.path, record(LAST));
        service.announce(task.id, 'finished');
      });
      await expect(watched()).resolves.toEqual(['a', 'b', 'Task succeeded']);
    });

    it('waits for the last record of a task that has just finished', async () => {
      task = { ...task, state: 'finished', result: 'success' };
      await writeFile(task.io.journal.path, output('a'));
      await openConsole((socket) => {
        socket.write(output('a'));
        setImmediate(() => socket.end(record(LAST)));
      });
      await expect(watched()).resolves.toEqual(['a', 'Task succeeded']);
    });

    it('says when a finished journal lacks its end', async () => {
      task = { ...task, state: 'finished', result: 'failed' };
      await writeFile(task.io.journal.path, output('a'));
      await expect(watched()).rejects.toThrow(`the journal of task ${task.id} ends without`);
    });

    it('stops at the signal while it reads and while it waits', async () => {
      const stop = new AbortController();
      const waiting = watched(stop.signal);
      service.onCall = () => stop.abort(new Error('stopped'));
      await expect(waiting).rejects.toThrow('stopped');

      task = { ...task, state: 'running' };
      const interruption = new AbortController();
      await openConsole((socket) => {
        socket.write(output('a'));
        setImmediate(() => interruption.abort(new Error('interrupted')));
      });
      await expect(watched(interruption.signal)).rejects.toThrow('interrupted');
    });

    it('fails when the daemon goes while the task waits', async () => {
      service.onCall = () => void service.bus.releaseName(BUS_NAME);
      await expect(watched()).rejects.toThrow('went away');
    });
  });
});

function pendingTask(place: string): TaskDescription {
  return {
    id: 'task-1',
    ...{ sequence: 1, steps: [] },
    user: 'jane',
    name: 'artifact build',
    submission: 1793700000,
    place,
    state: 'pending',
    result: 'unknown',
    io: {
      interactive: false,
      console: join(place, 'console.sock'),
      journal: { path: join(place, 'task.journal') },
    },
    format: 'deb',
    distribution: 'bookworm',
    architectures: ['x86_64'],
    archives: [],
    derivative: 'main',
    artifact: 'hello',
    author: 'Jane Roe',
    email: 'jane@acme.example',
    message: 'Build',
  };
}

const record = encodeJournalMessage;
const output = (data: string) => record({ command: 'output', data: Buffer.from(data) });

function text(message: JournalMessage): string {
  if (message.command === 'output') return message.data.toString();
  return message.command === 'log' ? message.message : message.command;
}
