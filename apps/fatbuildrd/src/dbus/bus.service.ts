import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { FatbuildrError, messageOf } from '@fatbuildr/errors';
import {
  BUS_NAME,
  connectionStream,
  exchangeMessages,
  INSTANCE_INTERFACE,
} from '@fatbuildr/protocol-dbus';
import { TasksService, type TaskChange } from '@fatbuildr/tasks';
import { Message, sessionBus, type MessageBus } from 'dbus-next';
import writeFileAtomic from 'write-file-atomic';
import { OwnerAccess, PolkitAccess, type DbusAccess } from './access';
import { askBus } from './ask-bus';
import { systemBusAddress, usesSystemBus } from './bus-choice';
import { Calls } from './calls';
import { DbusDispatcher } from './dbus.dispatcher';
import { INSTANCES_PATH } from './fatbuildr.dbus';
import { PrivateBus } from './private-bus';

/** Where a private bus is announced to clients, under `dirs.run`. */
const ADDRESS_FILE = 'bus.address';

const CONNECT_TIMEOUT_MS = 10_000;
/** How long a bus may take to release our name, which one that is gone never does. */
const RELEASE_TIMEOUT_MS = 2_000;
/** How long callers that were there before our end are still answered. */
const ANSWERS_TIMEOUT_MS = 10_000;

/** RequestName flag "do not queue" and its answer "primary owner" (D-Bus specification). */
const DO_NOT_QUEUE = 4;
const PRIMARY_OWNER = 1;

/** The daemon's connection to its bus, which is the system's, a session's, or one of its own. */
@Injectable()
export class BusService {
  private readonly logger = new Logger('dbus');
  private bus: MessageBus | undefined;
  private own: PrivateBus | undefined;
  /** Where `bus` is. */
  private at = '';
  private named = false;
  private leaving = false;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly dispatcher: DbusDispatcher,
    private readonly calls: Calls,
    private readonly tasks: TasksService,
  ) {}

  /**
   * Connects, binds the objects and takes the name.
   *
   * @param lost called when the bus goes away under a running daemon
   * @returns the address clients reach us at
   */
  async start(lost: (reason: string) => void): Promise<string> {
    this.dispatcher.bind();
    const address = await this.address();
    const bus = sessionBus({ busAddress: address });
    exchangeMessages(bus);
    this.bus = bus;
    this.at = address;
    const connected = new Promise<void>((resolve, reject) => {
      bus.once('connect', resolve);
      bus.once('error', (fault: unknown) => reject(unreachable(address, messageOf(fault))));
    });
    const silence = delay(CONNECT_TIMEOUT_MS, undefined, { ref: false }).then(() => {
      throw unreachable(address, `no answer within ${CONNECT_TIMEOUT_MS / 1000} s`);
    });
    await Promise.race([connected, silence]);
    const broken = (reason: string) => {
      if (!this.leaving) lost(`the connection to the bus ${address} broke: ${reason}`);
    };
    bus.on('error', (fault: unknown) => broken(messageOf(fault)));
    connectionStream(bus).once('close', () => broken('the bus has closed it'));
    this.dispatcher.serve(bus, await this.access(bus));
    await this.takeName();
    this.tasks.onChange((change) => this.signal(bus, change));
    if (this.own) await writeFileAtomic(this.addressFile, `${address}\n`, { mode: 0o600 });
    this.logger.log(`serving ${BUS_NAME} on ${address}`);
    return address;
  }

  /** @throws FatbuildrError `DBUS.NAME_REFUSED`, `DBUS.NAME_TAKEN` */
  async takeName(): Promise<void> {
    const name = `the name ${BUS_NAME}`;
    const reply = await this.bus!.requestName(BUS_NAME, DO_NOT_QUEUE).catch((fault: unknown) => {
      throw new FatbuildrError(
        'DBUS.NAME_REFUSED',
        `the bus ${this.at} does not let us have ${name}: ${messageOf(fault)}`,
      );
    });
    if (reply !== PRIMARY_OWNER) {
      throw new FatbuildrError(
        'DBUS.NAME_TAKEN',
        `another program has ${name} on the bus ${this.at} already: one daemon serves all users of a bus`,
      );
    }
    this.named = true;
  }

  /**
   * Lets go of the name, and resolves when every call that came before is answered; whoever calls from now
   * on is answered by a new daemon, if the bus can start one. Of a bus that does not answer nothing is left
   * to be awaited.
   */
  async releaseName(): Promise<void> {
    this.named = false;
    const released = this.bus!.releaseName(BUS_NAME).catch(() => undefined);
    await Promise.race([released, delay(RELEASE_TIMEOUT_MS, undefined, { ref: false })]);
    await Promise.race([
      this.calls.answered(),
      delay(ANSWERS_TIMEOUT_MS, undefined, { ref: false }),
    ]);
  }

  /** Whether the bus starts a daemon when there is none that a call could go to. */
  async startsUs(): Promise<boolean> {
    const names = await askBus(this.bus!, 'ListActivatableNames');
    return (names as string[]).includes(BUS_NAME);
  }

  /** Has the bus start a daemon, as if somebody called for one; it may wait for our end. */
  async startSuccessor(): Promise<void> {
    // The answer comes when the successor has the name, which it will not have before our end.
    void askBus(this.bus!, 'StartServiceByName', 'su', [BUS_NAME, 0]).catch(() => undefined);
    // Calls are taken in order: after this one, the bus has ours.
    await askBus(this.bus!, 'GetId');
  }

  async stop(): Promise<void> {
    this.leaving = true;
    if (this.own) await rm(this.addressFile, { force: true });
    if (this.named) await this.releaseName();
    this.bus?.disconnect();
    await this.own?.stop();
  }

  /** Nobody who changes a task must fail because the bus is gone: `lost` deals with that. */
  private signal(bus: MessageBus, { instance, id, state, result }: TaskChange): void {
    const path = `${INSTANCES_PATH}/${instance}`;
    const body = [id, state, result];
    try {
      bus.send(Message.newSignal(path, INSTANCE_INTERFACE, 'TaskStateChanged', 'sss', body));
    } catch (fault) {
      this.logger.warn(`a change of task ${id} was not signalled: ${messageOf(fault)}`);
    }
  }

  private async access(bus: MessageBus): Promise<DbusAccess> {
    if (!usesSystemBus(this.configuration.daemon.bus)) return new OwnerAccess();
    const polkit = new PolkitAccess(bus);
    if (!(await polkit.available())) {
      this.logger.warn(
        'polkit is not on the bus: only root and our own user are served; install polkitd',
      );
    }
    return polkit;
  }

  private get addressFile(): string {
    return join(this.configuration.dirs.run, ADDRESS_FILE);
  }

  private async address(): Promise<string> {
    const wanted = this.configuration.daemon.bus;
    if (wanted === 'session') {
      const session = process.env.DBUS_SESSION_BUS_ADDRESS;
      if (session) return session;
      throw new FatbuildrError(
        'DBUS.NO_SESSION',
        '[daemon] bus is "session" but DBUS_SESSION_BUS_ADDRESS is not set',
      );
    }
    if (usesSystemBus(wanted)) return systemBusAddress(process.env);
    if (wanted !== 'auto' && wanted !== 'private') return wanted;
    this.own = await PrivateBus.start(join(this.configuration.dirs.run, 'bus'));
    return this.own.address;
  }
}

const unreachable = (address: string, reason: string) =>
  new FatbuildrError('DBUS.UNREACHABLE', `the bus ${address} cannot be used: ${reason}`);
