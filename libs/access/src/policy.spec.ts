import { Policy } from './policy';

const parse = (text: string) => Policy.parse(text, 'policy.ini');
const ROLES = `
[roles]
anonymous
user = ALL
packager = ada, @packagers
admin = root

[anonymous]
actions = view-registry
[user]
actions = @anonymous, view-task
[packager]
actions = build,
  @user
[admin]
actions = @packager, edit-keyring
`;

describe('a policy', () => {
  it('grants users what their roles say, through inclusion over several steps', () => {
    const policy = parse(ROLES);
    expect([...policy.anonymous]).toEqual(['view-registry']);
    expect([...policy.actionsOf('bob', [])].sort()).toEqual(['view-registry', 'view-task']);
    expect(policy.actionsOf('ada', []).has('build')).toBe(true);
    expect([...policy.actionsOf('root', [])].sort()).toEqual([
      ...['build', 'edit-keyring', 'view-registry', 'view-task'],
    ]);
  });

  it('knows members by the groups of the host', () => {
    expect(parse(ROLES).actionsOf('bob', ['packagers']).has('build')).toBe(true);
    expect(parse(ROLES).actionsOf('packagers', []).has('build')).toBe(false);
    expect(parse(ROLES).namesGroups).toBe(true);
  });

  it('gives anonymous callers nothing unless their role is declared', () => {
    const policy = parse(
      '[roles]\nuser = ALL\n[anonymous]\nactions = view-task\n[user]\nactions = build\n',
    );
    expect(policy.anonymous.size).toBe(0);
    expect([...policy.actionsOf('bob', [])]).toEqual(['build']);
  });

  it('never lets a user do less than somebody without a token', () => {
    const policy = parse(
      '[roles]\nanonymous\nadmin = root\n[anonymous]\nactions = view-task\n[admin]\n',
    );
    expect([...policy.actionsOf('bob', [])]).toEqual(['view-task']);
  });

  it.each([
    [
      'roles that include each other',
      '[roles]\na = ALL\n[a]\nactions = @b\n[b]\nactions = @a\n',
      'policy.ini: line 6: roles include each other in a loop: a → b → a',
    ],
    [
      'an unknown action',
      '[roles]\na = ALL\n[a]\nactions = biuld\n',
      'policy.ini: line 4: unknown action "biuld", the closest known one is build',
    ],
    [
      'an unknown role',
      '[roles]\na = ALL\n[a]\nactions = @nobody\n',
      'policy.ini: line 4: unknown role "@nobody", there are: a',
    ],
    [
      'a role that has no section',
      '[roles]\na = ALL\n',
      'policy.ini: line 2: role "a" has no section [a] that says its actions',
    ],
    [
      'a key that is not one',
      '[roles]\na = ALL\n[a]\nmembers = bob\n',
      'policy.ini: line 4: unknown key "members" in [a], it has "actions" alone',
    ],
    [
      'what is no INI',
      '[roles]\n???=\n]]\n',
      'the policy has 2 faults:\npolicy.ini: line 3: expected "[section]", "key = value" or a comment, got "]]"\npolicy.ini: line 2: role "???" has no section [???] that says its actions',
    ],
  ])('is refused with file and line for %s', (_what, text, message) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'ACCESS.POLICY', message }));
  });
});
