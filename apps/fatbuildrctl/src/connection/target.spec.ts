import { chooseTarget, parseUri } from './target';

const system = (instance: string) => ({ bus: { kind: 'system' }, instance });

describe('parseUri', () => {
  it('reads both buses', () => {
    expect(parseUri('dbus://system/prod', 'test')).toEqual(system('prod'));
    expect(parseUri('dbus://session/a-b_1', 'test')).toEqual({
      bus: { kind: 'session' },
      instance: 'a-b_1',
    });
  });

  it.each([
    ['ftp://acme.example/prod'],
    ['dbus://system/'],
    ['dbus://other/x'],
    ['dbus://system/a/b'],
  ])('refuses %s and says which URIs work', (uri) => {
    expect(() => parseUri(uri, '$FATBUILDR_URI')).toThrow(
      `cannot use the URI "${uri}" ($FATBUILDR_URI): it must be dbus://system/<instance>, dbus://session/<instance> or http(s)://<host>[:<port>][/<prefix>]/<instance>`,
    );
  });
});

describe('chooseTarget', () => {
  const preferences = { file: '/p.ini', uri: 'dbus://system/preferred' };
  const env = { FATBUILDR_URI: 'dbus://system/environment' };

  it('takes option, environment, preferences, default in this order', () => {
    const uri = 'dbus://system/option';
    expect(chooseTarget({ uri }, env, preferences, '/')).toEqual(system('option'));
    expect(chooseTarget({}, env, preferences, '/')).toEqual(system('environment'));
    expect(chooseTarget({}, {}, preferences, '/')).toEqual(system('preferred'));
    expect(chooseTarget({}, {}, { file: '/p.ini' }, '/')).toEqual(system('default'));
  });

  it('lets a home decide the bus and the URI the instance', () => {
    const home = (path: string) => ({ kind: 'home', home: path });
    expect(chooseTarget({ home: 'var' }, {}, { file: '' }, '/srv')).toEqual({
      bus: home('/srv/var'),
      instance: 'default',
    });
    expect(chooseTarget({}, { ...env, FATBUILDR_HOME: '/h' }, preferences, '/')).toEqual({
      bus: home('/h'),
      instance: 'environment',
    });
    expect(chooseTarget({ home: '/o' }, { FATBUILDR_HOME: '/h' }, { file: '' }, '/')).toEqual({
      bus: home('/o'),
      instance: 'default',
    });
  });

  it('takes a server as it is named, which the option of a home contradicts', () => {
    const uri = 'https://packages.acme.example/prod';
    expect(chooseTarget({ uri }, { FATBUILDR_HOME: '/h' }, preferences, '/')).toEqual({ uri });
    expect(() => chooseTarget({ uri, home: '/o' }, {}, preferences, '/')).toThrow(
      'give one of them',
    );
  });

  it('names the file of a wrong URI', () => {
    expect(() => chooseTarget({}, {}, { file: '/p.ini', uri: 'x' }, '/')).toThrow('(/p.ini)');
  });
});
