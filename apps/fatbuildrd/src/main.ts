import { parseArgs } from 'node:util';
import { version, type Configuration } from '@fatbuildr/config';
import { EXIT_FAULT, reportFault } from '@fatbuildr/errors';
import { FORMAT_DESCRIPTIONS } from '@fatbuildr/formats';
import { loadInstallation, type InstallationFiles, type Instance } from '@fatbuildr/instances';

const HELP = `Usage: fatbuildrd [options]

Builds artifacts and keeps their registries; fatbuildrctl talks to it over D-Bus.

  --home DIR     keep everything under one folder: configuration in DIR/etc, private bus, Redis,
                 container engine and database, registries (default: $FATBUILDR_HOME, else the system's folders)
  --config FILE  site configuration (default: /etc/fatbuildr/fatbuildr.ini, or DIR/etc/fatbuildr.ini)
  --check        check configuration and instances, say what was found, and exit
  --debug        log more
  -v, --version  print the version
  -h, --help     print this text
`;

/** Milliseconds an orderly stop may take once something vital is gone: it may wait for just that. */
const LOST_TIMEOUT = 10_000;

interface Options {
  home: string | undefined;
  config: string | undefined;
  check: boolean;
  debug: boolean;
}

async function main(): Promise<void> {
  const options = parseOptions();
  if (options === undefined) return;
  const { configuration, instances } = await load(options);
  if (options.check) {
    process.stdout.write(summary(configuration, instances));
    return;
  }
  // Whoever started us may be careless about the modes of files; what is private has a mode of its own.
  process.umask(0o022);
  await live(configuration, instances);
}

/** Runs the daemon until a signal, idleness, or the loss of something vital ends it. */
async function live(configuration: Configuration, instances: Instance[]): Promise<void> {
  const { Daemon } = await import('./daemon');
  let ending = false;
  const end = async (status: number, reason: string, graceMs = 0): Promise<void> => {
    if (ending) return;
    ending = true;
    process.exitCode = status;
    await starting
      .then(({ daemon }) => daemon.stop({ reason, graceMs }))
      .catch(() => (process.exitCode = EXIT_FAULT));
    process.exit();
  };
  const lost = (reason: string): void => {
    process.stderr.write(`fatbuildrd: ${reason}\n`);
    setTimeout(() => process.exit(EXIT_FAULT), LOST_TIMEOUT);
    void end(EXIT_FAULT, `the daemon was stopped, as ${reason}`);
  };
  const starting = Daemon.start(configuration, instances, {
    lost,
    idle: () => void end(0, 'idle'),
  });
  let signals = 0;
  const signalled = (signal: NodeJS.Signals): void => {
    signals += 1;
    const reason = `the daemon was stopped by ${signal}`;
    if (signals === 1) void end(0, reason, configuration.daemon.stopTimeout ?? 0);
    // Who asks twice does not want to wait for tasks, who asks again for nothing; our servers die with us.
    else if (signals === 2)
      void starting.then(
        ({ daemon }) => daemon.hurry(reason),
        () => undefined,
      );
    else process.exit(EXIT_FAULT);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, signalled);
  const { address } = await starting;
  process.stdout.write(`fatbuildrd ${version} ready on ${address}\n`);
}

function parseOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      home: { type: 'string' },
      config: { type: 'string' },
      check: { type: 'boolean', default: false },
      debug: { type: 'boolean', default: false },
      version: { type: 'boolean', short: 'v', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return undefined;
  }
  if (values.version) {
    process.stdout.write(`fatbuildrd ${version}\n`);
    return undefined;
  }
  return {
    home: values.home ?? (process.env.FATBUILDR_HOME || undefined),
    config: values.config,
    check: values.check,
    debug: values.debug,
  };
}

async function load({ home, config, debug }: Options): Promise<InstallationFiles> {
  const sources = { home, siteFile: config, env: process.env };
  const files = await loadInstallation(sources, FORMAT_DESCRIPTIONS);
  if (debug) files.configuration.daemon.debug = true;
  return files;
}

function summary({ dirs, daemon }: Configuration, instances: readonly Instance[]): string {
  const lines = [`configuration is valid: bus ${daemon.bus}, state in ${dirs.state}`];
  for (const instance of instances) {
    const { id, name, userid, formats, architectures, derivatives } = instance;
    lines.push(`instance ${id} (${name}), signed by ${userid}, for ${architectures.join(', ')}`);
    for (const format of formats) {
      lines.push(`  ${format}: ${instance.distributions(format).join(', ')}`);
    }
    lines.push(`  derivatives: ${[...derivatives].join(', ')}`);
  }
  return `${lines.join('\n')}\n`;
}

main().catch((fault: unknown) => process.exit(reportFault('fatbuildrd', fault)));
