import { parseArgs } from 'node:util';
import { version } from '@fatbuildr/config';
import { EXIT_FAULT, FatbuildrError, reportFault } from '@fatbuildr/errors';
import { FORMAT_DESCRIPTIONS } from '@fatbuildr/formats';
import { loadInstallation } from '@fatbuildr/instances';

const HELP = `Usage: fatbuildrweb [options]

Serves the REST API, the web pages and the registries of Fatbuildr over HTTP.

  --home DIR     the installation under one folder, as fatbuildrd --home makes it
                 (default: $FATBUILDR_HOME, else the system's folders)
  --config FILE  site configuration (default: /etc/fatbuildr/fatbuildr.ini, or DIR/etc/fatbuildr.ini)
  --host HOST    address to listen on (default: [web] host)
  --port PORT    port to listen on, 0 for any free one (default: [web] port)
  --debug        log more
  -v, --version  print the version
  -h, --help     print this text
`;

const PORTS = 65_535;

interface Options {
  home: string | undefined;
  config: string | undefined;
  host: string | undefined;
  port: number | undefined;
  debug: boolean;
}

async function main(): Promise<void> {
  const options = parseOptions();
  if (options === undefined) return;
  const { configuration, instances } = await loadInstallation(
    { home: options.home, siteFile: options.config, env: process.env },
    FORMAT_DESCRIPTIONS,
  );
  const { web } = configuration;
  if (options.debug) web.debug = true;
  web.host = options.host ?? web.host;
  web.port = options.port ?? web.port;
  const { WebServer } = await import('./web-server');
  const server = await WebServer.start(configuration, instances);
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // Who asks twice does not want to wait for the clients that are served still.
      if (stopping) process.exit(EXIT_FAULT);
      stopping = true;
      void server.stop().then(() => process.exit());
    });
  }
  process.stdout.write(`fatbuildrweb ${version} ready on ${server.url}\n`);
}

function parseOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      home: { type: 'string' },
      config: { type: 'string' },
      host: { type: 'string' },
      port: { type: 'string' },
      debug: { type: 'boolean', default: false },
      version: { type: 'boolean', short: 'v', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) process.stdout.write(HELP);
  else if (values.version) process.stdout.write(`fatbuildrweb ${version}\n`);
  if (values.help || values.version) return undefined;
  return {
    home: values.home ?? (process.env.FATBUILDR_HOME || undefined),
    config: values.config,
    host: values.host,
    port: values.port === undefined ? undefined : parsePort(values.port),
    debug: values.debug,
  };
}

function parsePort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : PORTS + 1;
  if (port <= PORTS) return port;
  throw new FatbuildrError('WEB.USAGE', `--port takes a number from 0 to ${PORTS}, got "${text}"`);
}

main().catch((fault: unknown) => process.exit(reportFault('fatbuildrweb', fault)));
