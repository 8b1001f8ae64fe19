import { parseArgs } from 'node:util';
import { version, type Configuration } from '@fatbuildr/config';
import { FatbuildrError, messageOf } from '@fatbuildr/errors';
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

const EXIT_FAULT = 1;
const EXIT_USAGE = 2;
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
  const { Daemon } = await import('./daemon');
  const lost = (reason: string): void => {
    if (stopping) return;
    process.stderr.write(`fatbuildrd: ${reason}\n`);
    process.exitCode = EXIT_FAULT;
    setTimeout(() => process.exit(), LOST_TIMEOUT);
    void stop();
  };
  let stopping = false;
  const starting = Daemon.start(configuration, instances, lost);
  const stop = async (): Promise<void> => {
    // Who asks twice does not want to wait; the servers we started die with us.
    if (stopping) process.exit(EXIT_FAULT);
    stopping = true;
    await starting.then(({ daemon }) => daemon.stop()).catch(() => undefined);
    process.exit();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => void stop());
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

main().catch((fault: unknown) => {
  const usage = (fault as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') ?? false;
  process.stderr.write(`fatbuildrd: ${messageOf(fault)}\n`);
  // What we did not foresee has no better explanation than its stack, for who asks for it.
  if (!usage && !(fault instanceof FatbuildrError) && fault instanceof Error) {
    const more = process.argv.includes('--debug') ? fault.stack : 'use --debug for more';
    process.stderr.write(`${more}\n`);
  }
  process.exit(usage ? EXIT_USAGE : EXIT_FAULT);
});
