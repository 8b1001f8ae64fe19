import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { FatbuildrError } from '@fatbuildr/errors';
import { findProgramRoot } from './program-root';
import { parseIni } from './ini-file';
import { type ConfigurationSources, loadConfiguration } from './load-configuration';
import { FORMAT_FIELDS, iniName, SECTIONS } from './schema';

const root = findProgramRoot();
const vendorFile = join(root, 'packaging/fatbuildr.ini');
let folder: string;
let siteFile: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fatbuildr-config-'));
  siteFile = join(folder, 'site.ini');
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(site: string, sources: ConfigurationSources = {}) {
  writeFileSync(siteFile, site);
  return loadConfiguration({ siteFile, env: {}, ...sources });
}

/** The faults of a configuration that must not load. */
function faultsOf(site: string, sources: ConfigurationSources = {}): readonly string[] {
  try {
    load(site, sources);
  } catch (fault) {
    if (!(fault instanceof FatbuildrError)) throw fault;
    expect(fault.code).toBe('CONFIG.INVALID');
    const faults = fault.details.faults as string[];
    for (const line of faults) expect(fault.message).toContain(line);
    return faults;
  }
  throw new Error('the configuration loaded');
}

describe('the vendor file', () => {
  it('sets every key once and nothing else', () => {
    const { entries, faults } = parseIni(readFileSync(vendorFile, 'utf8'));
    const known = Object.entries(SECTIONS).flatMap(([section, fields]) =>
      Object.keys(fields).map((key) => `${section}.${iniName(key)}`),
    );
    expect(faults).toEqual([]);
    expect(entries.map(({ section, key }) => `${section}.${key}`).sort()).toEqual(known.sort());
  });

  it('gives the defaults where there is no site file', () => {
    const configuration = loadConfiguration({ siteFile: join(folder, 'absent'), env: {} });
    expect(configuration).toMatchObject({
      dirs: { instances: '/etc/fatbuildr/instances.d', run: '/run/fatbuildr' },
      daemon: { debug: false, idleExit: undefined, bus: 'auto' },
      web: { port: 5000, host: 'localhost' },
      images: { defs: join(root, 'images'), formats: undefined },
      registry: { validity: undefined, retain: 3, url: undefined },
      tasks: {
        ...{ hook: undefined, timeLimit: 86_400_000, terminalGrace: 60_000 },
        prescriptTimeLimit: 3_600_000,
      },
      queue: { redis: undefined },
      database: { url: undefined },
      keyring: { type: 'rsa', size: 4096, expires: undefined },
      tokens: { duration: 30, algorithm: 'HS256', audience: 'fatbuildr' },
      sources: { timeout: 600_000, maxSize: 4e9, maxUnpacked: 20e9, maxEntries: 500_000 },
      formats: {},
    });
  });

  it('is explained key by key, and nothing else is, in docs/configuration.md', () => {
    const docs = readFileSync(join(root, 'docs/configuration.md'), 'utf8');
    const tables = [...docs.matchAll(/^### `\[(.+)\]`\n([^]*?)(?=^##)/gm)];
    const explained = tables.map(([, section, body]) => [
      section,
      [...(body ?? '').matchAll(/^\| `(\w+)` +\|/gm)].map(([, key]) => key),
    ]);
    const known = [...Object.entries(SECTIONS), ['format:<name>', FORMAT_FIELDS] as const].map(
      ([section, fields]) => [section, Object.keys(fields).map(iniName)],
    );
    expect(Object.fromEntries(explained)).toEqual(Object.fromEntries(known));
  });

  it('must be there', () => {
    const absent = join(folder, 'vendor.ini');
    expect(faultsOf('', { vendorFile: absent })[0]).toMatch(
      /vendor\.ini: cannot be read: .*ENOENT/,
    );
  });

  it('must be complete', () => {
    const half = join(folder, 'vendor.ini');
    writeFileSync(half, readFileSync(vendorFile, 'utf8').replace(/^concurrency.*$/m, ''));
    expect(faultsOf('', { vendorFile: half })).toEqual([
      `${half}: daemon.concurrency: missing, the vendor file sets every key`,
    ]);
  });
});

describe('loadConfiguration', () => {
  it('lets the site overrule the vendor and the environment overrule both', () => {
    const { web, daemon } = load('[web]\nport = 8080\nhost = ::\n[daemon]\nidle_exit = 10m\n', {
      env: { FATBUILDR_WEB_PORT: '9090', FATBUILDR_DAEMON_DEBUG: 'On', PATH: '/bin' },
    });
    expect(web).toMatchObject({ port: 9090, host: '::' });
    expect(daemon).toMatchObject({ idleExit: 600_000, debug: true });
  });

  it.each([
    ['yes', true],
    ['True', true],
    ['on', true],
    ['1', true],
    ['no', false],
    ['false', false],
    ['OFF', false],
    ['0', false],
  ])('takes %s for %s', (word, value) => {
    expect(load(`[web]\nlisting = ${word}\n`).web.listing).toBe(value);
  });

  it('reads where the server is behind a proxy, and whom it believes', () => {
    const { web } = load(
      '[web]\nprefix = /a/packages-2.0/\ntrusted_proxies = 127.0.0.1, ::1 10.0.0.0/8\n',
    );
    expect(web).toMatchObject({
      prefix: '/a/packages-2.0',
      trustedProxies: ['127.0.0.1', '::1', '10.0.0.0/8'],
    });
    expect(load('[web]\nprefix = /\n').web).toMatchObject({ prefix: '', trustedProxies: [] });
  });

  it.each([
    ['prefix', 'packages'],
    ['prefix', '//evil.example'],
    ['prefix', '/a/../b'],
    ['prefix', '/a b'],
    ['prefix', '/%2e'],
    ['prefix', 'https://acme.example/a'],
    ['trusted_proxies', 'localhost'],
    ['trusted_proxies', '127.0.0.1, 10.0.0.0/33'],
    ['trusted_proxies', '::1/129'],
    ['trusted_proxies', '10.0.0.0/8/8'],
    ['trusted_proxies', '10.0.0.0/'],
  ])('refuses [web] %s = %s', (key, value) => {
    const shown = value.split(', ').at(-1)!;
    expect(() => load(`[web]\n${key} = ${value}\n`)).toThrow(
      new RegExp(`web\\.${key}: expected .*, got "${shown.replace(/[.]/g, '\\.')}"`),
    );
  });

  it('reads the sections of formats from files and from the environment', () => {
    const { formats } = load(
      '[format:deb]\ntool = cowbuilder\nenv_default_mirror = http://{{ environment }}.acme.example/\n' +
        'prescript_deps = wget,\n  ca-certificates git\n',
      { env: { FATBUILDR_FORMAT_DEB_TOOL: 'container', FATBUILDR_FORMAT_RPM_IMAGE: 'acme/rpm:1' } },
    );
    expect(formats.deb).toEqual({
      tool: 'container',
      image: undefined,
      envDefaultMirror: 'http://{{ environment }}.acme.example/',
      envDefaultComponents: undefined,
      envDefaultModules: [],
      prescriptDeps: ['wget', 'ca-certificates', 'git'],
    });
    expect(formats.rpm?.image).toBe('acme/rpm:1');
  });

  it('leaves alone the variables that are ours but not configuration', () => {
    const env = { FATBUILDR_HOME: '/x', FATBUILDR_URI: 'dbus://x', FATBUILDR_TEST_COUNTS: '/f' };
    expect(load('', { env }).web.port).toBe(5000);
  });

  it('clears an optional key with an empty value', () => {
    const site = '[tasks]\nhook = /bin/true\n[images]\nformats = deb, rpm\n';
    expect(load(site)).toMatchObject({
      tasks: { hook: '/bin/true' },
      images: { formats: ['deb', 'rpm'] },
    });
    expect(load(site, { env: { FATBUILDR_TASKS_HOOK: '' } }).tasks.hook).toBeUndefined();
  });

  it('names all faults of all sources together, each with its place', () => {
    expect(
      faultsOf(
        '[web]\nport = 80000\nlistning = yes\n[deamon]\ndebug = no\n[keyring]\ntype = dsa\nexpires = soon\n' +
          '[dirs]\ntmp = var/tmp\n[registry]\nretain = 2\nport = 1\n[format:Deb]\nx = 1\nnonsense\n',
        { env: { FATBUILDR_DAEMON_IDLE_EXIT: 'never', FATBUILDR_WEB_PROT: '1' } },
      ).map((fault) => fault.replaceAll(siteFile, 'site.ini')),
    ).toEqual([
      'site.ini: line 16: expected "[section]", "key = value" or a comment, got "nonsense"',
      'site.ini: deamon: unknown section, the closest known one is [daemon]',
      'site.ini: format:Deb: the name of a format consists of lower case letters and digits',
      'site.ini: web.listning: unknown key, the closest known one is web.listing',
      'site.ini: registry.port: unknown key, it belongs into section [web]',
      'environment: FATBUILDR_WEB_PROT: unknown variable, the closest known one is FATBUILDR_WEB_PORT',
      'site.ini: dirs.tmp: expected an absolute path, got "var/tmp"',
      'FATBUILDR_DAEMON_IDLE_EXIT: daemon.idle_exit: expected a length of time such as 30s, 10m, 2h or 1d, got "never"',
      'site.ini: web.port: expected a whole number from 0 to 65535, got "80000"',
      'site.ini: registry.retain: expected a whole number from 3 to 1000, got "2"',
      'site.ini: keyring.type: expected one of rsa, ed25519, got "dsa"',
      'site.ini: keyring.expires: expected "no" or a duration such as 10 (days), 3w, 6m or 2y, got "soon"',
    ]);
  });

  it('names the closest key of a format for a variable', () => {
    expect(faultsOf('', { env: { FATBUILDR_FORMAT_DEB_TOOLS: 'x' } })).toEqual([
      'environment: FATBUILDR_FORMAT_DEB_TOOLS: unknown variable, the closest known one is FATBUILDR_FORMAT_DEB_TOOL',
    ]);
  });

  it.each([
    ['[daemon]\nbus = somewhere', 'daemon.bus'],
    ['[containers]\nengine = docker', 'containers.engine'],
    ['[tasks]\npurge = all', 'tasks.purge'],
    ['[tasks]\ntime_limit = 30', 'tasks.time_limit'],
    ['[sources]\nmax_size = huge', 'sources.max_size'],
    ['[sources]\ntimeout = no', 'sources.timeout'],
    ['[images]\nformats = Deb', 'images.formats'],
    ['[web]\nhost =', 'web.host'],
    ['[tokens]\nalgorithm = none', 'tokens.algorithm'],
  ])('refuses %j', (site, key) => {
    expect(faultsOf(site)).toEqual([expect.stringContaining(`${siteFile}: ${key}: expected `)]);
  });

  it('does not repeat what may hold a password', () => {
    const [fault] = faultsOf('[database]\nurl = mysql://me:secret@db.example/x\n');
    expect(fault).toContain('database.url: expected a URL that starts with postgres://');
    expect(fault).not.toContain('secret');
  });

  it('takes the socket of an engine as URL or path', () => {
    const engine = (value: string) => load(`[containers]\nengine = ${value}\n`).containers.engine;
    expect(engine('unix:///run/engine.sock')).toBe('/run/engine.sock');
    expect(engine('/run/engine.sock')).toBe('/run/engine.sock');
    expect(engine('auto')).toBe('auto');
  });

  it('limits containers by a size, by the host, or not at all', () => {
    const limits = (site: string) => load(`[containers]\n${site}\n`).containers;
    expect(limits('max_memory = 2GB\nmax_processes = no')).toMatchObject({
      maxMemory: 2e9,
      maxProcesses: undefined,
    });
    expect(limits('').maxMemory).toBeLessThan(totalmem());
    expect(limits('').maxMemory).toBeGreaterThan(totalmem() / 2);
    expect(limits('max_memory = no').maxMemory).toBeUndefined();
    expect(() => limits('max_memory = 1MB')).toThrow('at least 64MB');
  });

  it('reports a site file that cannot be read', () => {
    const [fault] = faultsOf('', { siteFile: folder });
    expect(fault).toMatch(/: cannot be read: .*EISDIR/);
  });
});

describe('a home', () => {
  it('puts everything that is written below one folder', () => {
    const configuration = loadConfiguration({ home: folder, env: {} });
    const vendor = loadConfiguration({ siteFile: join(folder, 'absent'), env: {} });
    const outside = Object.entries(configuration).flatMap(([section, values]) =>
      Object.entries(values as Record<string, unknown>)
        .filter(([, value]) => typeof value === 'string' && value.startsWith('/'))
        .filter(([, value]) => !(value as string).startsWith(`${folder}/`))
        .map(([key]) => `${section}.${key}`),
    );
    expect(outside.sort()).toEqual([
      'images.defs',
      'web.static',
      'web.vendorPolicy',
      'web.vendorTemplates',
    ]);
    expect(configuration.dirs.instances).toBe(join(folder, 'etc/instances.d'));
    expect(configuration.daemon.bus).toBe('private');
    expect(configuration.images.defs).toBe(vendor.images.defs);
  });

  it('has its own site file, which overrules the layout', () => {
    mkdirSync(join(folder, 'etc'));
    writeFileSync(join(folder, 'etc/fatbuildr.ini'), '[dirs]\nregistry = /srv/registry\n');
    const { dirs } = loadConfiguration({ home: folder, env: {} });
    expect(dirs).toMatchObject({ registry: '/srv/registry', cache: join(folder, 'cache') });
  });
});

describe('findProgramRoot', () => {
  it('finds the program from any folder below it and says when there is none', () => {
    expect(findProgramRoot(join(root, 'dist/libs/config/src'))).toBe(root);
    expect(() => findProgramRoot(folder)).toThrow(`from "${folder}" upwards`);
  });
});
