import { isChange, type AuditedChange, type AuditService } from '@fatbuildr/access';
import type { DbusCall } from './dbus.decorators';

/** What a member was called with, for the trail. */
export interface CalledMember {
  instance: string | undefined;
  name: string;
  args: readonly unknown[];
}

/**
 * A call that gets into the trail of changes with the first action it is granted by which it can change
 * something.
 *
 * @returns the call to hand on, and what is to run the work it asks for
 */
export function auditedCall(
  audit: AuditService,
  call: DbusCall,
  { instance, name, args }: CalledMember,
): { call: DbusCall; run: <T>(work: () => Promise<T>) => Promise<T> } {
  let change: Promise<AuditedChange> | undefined;
  const authorize: DbusCall['authorize'] = async (action, interaction) => {
    await call.authorize(action, interaction);
    if (!isChange(action)) return;
    change ??= audit.begin({
      ...{ instance: instance ?? null, user: call.user, transport: 'dbus', origin: call.sender },
      ...{ action, detail: `${name}${JSON.stringify(args, wholeNumbers)}` },
    });
    await change;
  };
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      const answer = await work();
      await (await change)?.done(answer);
      return answer;
    } catch (fault) {
      await (await change)?.failed();
      throw fault;
    }
  };
  return { call: { ...call, authorize }, run };
}

/** 64 bit integers of D-Bus, which JSON does not know. */
const wholeNumbers = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;
