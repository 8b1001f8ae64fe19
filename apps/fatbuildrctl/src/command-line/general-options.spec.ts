import { parseCommandLine } from './general-options';

describe('parseCommandLine', () => {
  it('takes the options before the command and leaves the rest alone', () => {
    const { general, command } = parseCommandLine([
      '--uri',
      'dbus://session/x',
      '-ojson',
      '--home=/srv/home',
      '--no-color',
      'registry',
      '--debug',
      '-d',
      'bookworm',
    ]);
    expect(general).toMatchObject({
      uri: 'dbus://session/x',
      output: 'json',
      home: '/srv/home',
      color: false,
      debug: false,
    });
    expect(command).toEqual(['registry', '--debug', '-d', 'bookworm']);
  });

  it('debugs fully with --fulldebug', () => {
    expect(parseCommandLine(['--fulldebug', 'list']).general).toMatchObject({
      debug: true,
      fulldebug: true,
    });
  });

  it.each([
    [['--hoem', '/x', 'list'], 'unknown option --hoem (did you mean --home?)'],
    [['--uri'], 'option --uri needs a value'],
    [['--debug=1', 'list'], 'option --debug takes no value'],
    [
      ['-o', 'jsn', 'list'],
      'unknown output format "jsn", there are: text, json, yaml (did you mean json?)',
    ],
  ])('refuses %j', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});
