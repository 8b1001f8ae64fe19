import { closest, type IniEntry, parseIni } from '@fatbuildr/config';
import { ACTIONS, type Action } from './actions';
import { invalidPolicy } from './access.errors';

/** The role of callers without a token. */
const ANONYMOUS = 'anonymous';
/** As a member of a role: everybody with a token. */
const EVERYBODY = 'ALL';
const ROLES = 'roles';

interface Member {
  kind: 'user' | 'group' | 'everybody';
  name: string;
}

interface Role {
  name: string;
  members: readonly Member[];
  actions: ReadonlySet<Action>;
}

/**
 * Who may do what over HTTP:
 *
 *     [roles]
 *     anonymous
 *     user = ALL
 *     admin = ada, @packagers
 *
 *     [anonymous]
 *     actions = view-registry
 *     [user]
 *     actions = @anonymous, build
 *     [admin]
 *     actions = @user, edit-registry
 */
export class Policy {
  private constructor(
    /** What callers without a token may do. */
    readonly anonymous: ReadonlySet<Action>,
    private readonly roles: readonly Role[],
  ) {}

  /** Groups that some role names; those of a user need be known only then. */
  get namesGroups(): boolean {
    return this.roles.some(({ members }) => members.some(({ kind }) => kind === 'group'));
  }

  /**
   * @param file where the text comes from, for faults
   * @throws FatbuildrError `ACCESS.POLICY` with every fault, one a line: `file: line N: reason`
   */
  static parse(text: string, file: string): Policy {
    const faults: string[] = [];
    const fault = (line: number, reason: string) => faults.push(`${file}: line ${line}: ${reason}`);
    const ini = parseIni(text, { bareKeys: true });
    for (const { line, reason } of ini.faults) fault(line, reason);
    const known = new Set(ini.sections.map(({ name }) => name.toLowerCase()));
    known.delete(ROLES);
    const grants = new Grants(fault, known);
    for (const entry of ini.entries) grants.read(entry);
    const declared = ini.entries.filter(({ section }) => section.toLowerCase() === ROLES);
    for (const { key, line } of declared) {
      if (!known.has(key))
        fault(line, `role "${key}" has no section [${key}] that says its actions`);
    }
    const actions = grants.resolve();
    if (faults.length > 0) throw invalidPolicy(faults);
    const roles = declared.map(({ key, value }) => ({
      name: key,
      members: key === ANONYMOUS ? [] : words(value).map(memberOf),
      actions: actions.get(key) ?? new Set<Action>(),
    }));
    const anonymous = roles.find(({ name }) => name === ANONYMOUS);
    return new Policy(anonymous?.actions ?? new Set(), roles);
  }

  /**
   * What a user may do; nobody may do less with a token than without one.
   *
   * @param groups those of the host the user is in
   */
  actionsOf(user: string, groups: readonly string[]): ReadonlySet<Action> {
    const actions = new Set(this.anonymous);
    for (const role of this.roles) {
      if (!role.members.some((member) => covers(member, user, groups))) continue;
      for (const action of role.actions) actions.add(action);
    }
    return actions;
  }
}

/** The `actions` of every section, with the roles they include. */
class Grants {
  private readonly direct = new Map<string, { line: number; items: string[] }>();
  private readonly resolved = new Map<string, Set<Action>>();

  constructor(
    private readonly fault: (line: number, reason: string) => void,
    private readonly known: ReadonlySet<string>,
  ) {}

  read({ section, key, value, line }: IniEntry): void {
    const role = section.toLowerCase();
    if (role === ROLES) return;
    if (key === 'actions') this.direct.set(role, { line, items: words(value) });
    else this.fault(line, `unknown key "${key}" in [${section}], it has "actions" alone`);
  }

  resolve(): ReadonlyMap<string, ReadonlySet<Action>> {
    for (const role of this.direct.keys()) this.actionsOf(role, []);
    return this.resolved;
  }

  private actionsOf(role: string, path: readonly string[]): ReadonlySet<Action> {
    const done = this.resolved.get(role);
    if (done !== undefined) return done;
    const actions = new Set<Action>();
    const { line, items } = this.direct.get(role) ?? { line: 0, items: [] };
    for (const item of items) {
      for (const action of this.granted(item, line, [...path, role])) actions.add(action);
    }
    this.resolved.set(role, actions);
    return actions;
  }

  private granted(item: string, line: number, path: readonly string[]): Iterable<Action> {
    if (!item.startsWith('@')) {
      const action = ACTIONS.find((one) => one === item);
      if (action !== undefined) return [action];
      this.fault(
        line,
        `unknown action "${item}", the closest known one is ${closest(item, ACTIONS)}`,
      );
      return [];
    }
    const role = item.slice(1).toLowerCase();
    if (!this.known.has(role)) {
      const roles = [...this.known].join(', ');
      this.fault(line, `unknown role "${item}", there are: ${roles}`);
      return [];
    }
    if (path.includes(role)) {
      const loop = [...path.slice(path.indexOf(role)), role].join(' → ');
      this.fault(line, `roles include each other in a loop: ${loop}`);
      return [];
    }
    return this.actionsOf(role, path);
  }
}

const words = (value: string): string[] => value.split(/[\s,]+/).filter((word) => word !== '');

function memberOf(word: string): Member {
  if (word === EVERYBODY) return { kind: 'everybody', name: word };
  return word.startsWith('@')
    ? { kind: 'group', name: word.slice(1) }
    : { kind: 'user', name: word };
}

function covers({ kind, name }: Member, user: string, groups: readonly string[]): boolean {
  if (kind === 'everybody') return true;
  return kind === 'user' ? name === user : groups.includes(name);
}
