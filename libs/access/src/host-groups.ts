import { run } from '@fatbuildr/processes';

/** Milliseconds an answer of the user database counts. */
const REMEMBERED_MS = 60_000;
/** Users whose groups are remembered. */
const REMEMBERED_USERS = 1000;
/** Milliseconds the user database may take; it may be one of the network. */
const TIMEOUT_MS = 10_000;
/** Exit status of id(1) for a user there is not. */
const NO_SUCH_USER = 1;

/** The groups of the host's users, from whichever sources the host has. */
export class HostGroups {
  private readonly known = new Map<string, { until: number; groups: Promise<readonly string[]> }>();

  /** Names of the groups a user is in; none for a user the host does not know. */
  of(user: string): Promise<readonly string[]> {
    // id(1) would take these for the number of a user.
    if (/^\+?\d+$/.test(user)) return Promise.resolve([]);
    const known = this.known.get(user);
    if (known !== undefined && known.until > Date.now()) return known.groups;
    const groups = lookUp(user);
    this.known.delete(user);
    this.known.set(user, { until: Date.now() + REMEMBERED_MS, groups });
    groups.catch(() => this.known.delete(user));
    const [oldest] = this.known.keys();
    if (this.known.size > REMEMBERED_USERS && oldest !== undefined) this.known.delete(oldest);
    return groups;
  }
}

async function lookUp(user: string): Promise<readonly string[]> {
  const { stdout } = await run(['id', '--groups', '--name', '--zero', '--', user], {
    timeout: TIMEOUT_MS,
    accept: [0, NO_SUCH_USER],
  });
  return stdout
    .toString('utf8')
    .split('\0')
    .filter((name) => name !== '');
}
