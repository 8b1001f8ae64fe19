import { unsupportedEndpoint } from './containers.errors';

/** Where an engine listens. */
export type EngineEndpoint =
  | { kind: 'socket'; path: string }
  | { kind: 'network'; protocol: 'http' | 'https'; host: string; port: number };

/** An endpoint that may have an engine, and who named it. */
export interface EndpointCandidate {
  endpoint: EngineEndpoint;
  origin: string;
}

/** @throws FatbuildrError `CONTAINERS.UNSUPPORTED_ENDPOINT` */
export function parseEndpoint(text: string, origin: string): EngineEndpoint {
  if (text.startsWith('/')) return { kind: 'socket', path: text };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'unix:' && url.pathname !== '') {
    return { kind: 'socket', path: decodeURIComponent(url.pathname) };
  }
  if (url && url.hostname !== '' && ['tcp:', 'http:', 'https:'].includes(url.protocol)) {
    const secure = url.protocol === 'https:' || url.port === '2376';
    return {
      kind: 'network',
      protocol: secure ? 'https' : 'http',
      host: url.hostname,
      // The ports every Docker client assumes.
      port: Number(url.port || (secure ? 2376 : 2375)),
    };
  }
  throw unsupportedEndpoint(text, origin);
}

export function describeEndpoint(endpoint: EngineEndpoint): string {
  return endpoint.kind === 'socket'
    ? endpoint.path
    : `${endpoint.protocol}://${endpoint.host}:${endpoint.port}`;
}

/** The endpoints to try in order when none is configured. */
export function discoverEndpoints(environment: NodeJS.ProcessEnv): EndpointCandidate[] {
  const candidates: EndpointCandidate[] = [];
  for (const variable of ['DOCKER_HOST', 'CONTAINER_HOST']) {
    const value = environment[variable];
    if (value) {
      const origin = `$${variable}`;
      candidates.push({ endpoint: parseEndpoint(value, origin), origin });
    }
  }
  const sockets = ['/run/podman/podman.sock'];
  if (environment.XDG_RUNTIME_DIR) {
    sockets.push(`${environment.XDG_RUNTIME_DIR}/podman/podman.sock`);
  }
  sockets.push('/var/run/docker.sock');
  for (const path of sockets) {
    candidates.push({ endpoint: { kind: 'socket', path }, origin: 'usual place' });
  }
  return candidates;
}
