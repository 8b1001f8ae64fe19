import { userInfo } from 'node:os';
import { Injectable, Logger } from '@nestjs/common';
import { messageOf } from '@fatbuildr/errors';
import { run } from '@fatbuildr/processes';
import type { MessageBus } from 'dbus-next';
import { askBus } from './ask-bus';
import type { DbusSender } from './dbus.decorators';
import { unknownSender } from './dbus.errors';

/** Connections, and users, that are remembered: every run of a client is a new connection. */
const REMEMBERED = 256;

/** Milliseconds the user database may take; it may be one of the network. */
const USER_DATABASE_TIMEOUT = 10_000;

/** getent(1): the key is not in the database. */
const NOT_FOUND = 2;

/** Which user is behind a connection of the bus. */
@Injectable()
export class Senders {
  private readonly logger = new Logger('dbus');
  private readonly senders = new Map<string, Promise<DbusSender>>();
  private readonly names = new Map<number, Promise<string>>();

  identify(bus: MessageBus, sender: string): Promise<DbusSender> {
    // Unique names are never used twice on a bus, so what is known stays true.
    return remember(this.senders, sender, async () => {
      const answer = await askBus(bus, 'GetConnectionUnixUser', 's', [sender]).catch(
        (fault: unknown) => {
          throw unknownSender(sender, messageOf(fault));
        },
      );
      const uid = Number(answer);
      return { sender, uid, user: await this.loginName(uid) };
    });
  }

  private loginName(uid: number): Promise<string> {
    const own = userInfo();
    if (uid === own.uid) return Promise.resolve(own.username);
    return remember(this.names, uid, () => lookUp(uid)).catch((fault: unknown) => {
      // The name is for people to read; who may do what goes by the number.
      this.logger.warn(`the name of user ${uid} is not known: ${messageOf(fault)}`);
      return String(uid);
    });
  }
}

/** From the system's user database, which may have other sources than /etc/passwd. */
async function lookUp(uid: number): Promise<string> {
  const { stdout } = await run(['getent', 'passwd', String(uid)], {
    timeout: USER_DATABASE_TIMEOUT,
    accept: [0, NOT_FOUND],
  });
  const [name] = stdout.toString('utf8').split(':', 1);
  if (!name) throw new Error('the user database has no such user');
  return name;
}

/** What is known, or is being found out, about a key; faults are not remembered. */
function remember<K, V>(known: Map<K, Promise<V>>, key: K, find: () => Promise<V>): Promise<V> {
  let value = known.get(key);
  if (value === undefined) {
    value = find();
    known.set(key, value);
    value.catch(() => known.delete(key));
    const [oldest] = known.keys();
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
  }
  return value;
}
