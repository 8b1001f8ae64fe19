import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Node has no datagram sockets of the kind that sd_notify(3) is about. */
const LISTENER = `
import json, socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print('listening', flush=True)
while True:
    print(json.dumps(listener.recv(4096).decode()), flush=True)
`;

/** Hears what a service tells systemd. */
export class FakeServiceManager {
  readonly socket: string;
  /** The notices so far, but for the barriers of systemd-notify. */
  heard: string[] = [];
  private readonly events = new EventEmitter();
  private listener: ChildProcess | undefined;

  /** @param folder gets the socket */
  constructor(folder: string) {
    this.socket = join(folder, 'notify');
  }

  async start(): Promise<void> {
    const stdio = ['ignore', 'pipe', 'inherit'] as const;
    const listener = spawn('python3', ['-c', LISTENER, this.socket], { stdio: [...stdio] });
    this.listener = listener;
    const lines = createInterface({ input: listener.stdout });
    lines.on('line', (line) => {
      if (line !== 'listening') this.heard.push(...(JSON.parse(line) as string).split('\n'));
      this.events.emit('line');
    });
    await once(this.events, 'line');
  }

  /** Resolves when a notice has been heard since the last `forget`. */
  async hears(notice: string): Promise<void> {
    while (!this.heard.includes(notice)) await once(this.events, 'line');
  }

  forget(): void {
    this.heard = [];
  }

  async stop(): Promise<void> {
    const { listener } = this;
    if (listener === undefined || listener.exitCode !== null) return;
    const exit = once(listener, 'exit');
    listener.kill();
    await exit;
  }
}
