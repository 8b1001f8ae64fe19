import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { messageOf } from '@fatbuildr/errors';
import { engineUnreachable } from '../containers.errors';
import {
  describeEndpoint,
  discoverEndpoints,
  parseEndpoint,
  type EndpointCandidate,
  type EngineEndpoint,
} from '../engine-endpoint';
import { PrivatePodman, type PrivatePodmanPlaces } from './private-podman';

/** Milliseconds an endpoint gets to answer a ping. */
const PING_TIMEOUT = 3000;
/** Milliseconds our own service gets to listen: the first start on slow storage takes seconds. */
const START_TIMEOUT = 20_000;
const START_POLL = 50;
/** Milliseconds until the end of a process is known to its parent. */
const END_TIMEOUT = 2000;

export interface OpenEngine {
  docker: Docker;
  endpoint: string;
}

/** Finds an engine or starts one, once, at first use. */
export class EngineConnection {
  private opening: Promise<OpenEngine> | undefined;
  private podman: PrivatePodman | undefined;

  constructor(
    /** `auto` or an endpoint. */
    private readonly engine: string,
    private readonly places: PrivatePodmanPlaces,
    /** Uses an engine that the daemon started, and starts none. */
    private readonly guest = false,
  ) {}

  /** @throws FatbuildrError `CONTAINERS.UNREACHABLE` naming all that was tried */
  open(): Promise<OpenEngine> {
    this.opening ??= this.find().catch(async (fault: unknown) => {
      // The next use tries again: an engine may have been installed in between.
      this.opening = undefined;
      await this.podman?.stop(false);
      this.podman = undefined;
      throw fault;
    });
    return this.opening;
  }

  /** To be told that the engine does not answer: resolves when the next use would start a new one of our own. */
  async lost(): Promise<void> {
    const { podman } = this;
    if (podman === undefined) return;
    // Its connections break before its end is known.
    await Promise.race([podman.gone, sleep(END_TIMEOUT, undefined, { ref: false })]);
    if (!podman.running) await this.forget(podman);
  }

  /** Forgets a service of our own that has ended: the next use starts another one. */
  private async forget(podman: PrivatePodman): Promise<void> {
    if (this.podman !== podman) return;
    this.podman = undefined;
    this.opening = undefined;
    await podman.stop(false);
  }

  async close(): Promise<void> {
    const open = await this.opening?.catch(() => undefined);
    this.opening = undefined;
    const { podman } = this;
    this.podman = undefined;
    if (!open || !podman) return;
    // Those that are kept rest: to them it is as if the host had been started again.
    const idle = await open.docker.listContainers().then(
      (containers) => containers.length === 0,
      () => false,
    );
    await podman.stop(idle);
  }

  private async find(): Promise<OpenEngine> {
    const tried: string[] = [];
    for (const candidate of this.candidates()) {
      const { docker, fault } = await reach(candidate.endpoint);
      if (docker) return { docker, endpoint: describeEndpoint(candidate.endpoint) };
      tried.push(`${describeEndpoint(candidate.endpoint)} (${candidate.origin}): ${fault}`);
    }
    if (this.engine !== 'auto' || this.guest) throw engineUnreachable(tried);
    return this.startOwn(tried);
  }

  private candidates(): EndpointCandidate[] {
    if (this.engine === 'auto') {
      const found = discoverEndpoints(process.env);
      const path = new PrivatePodman(this.places).socket;
      const endpoint: EngineEndpoint = { kind: 'socket', path };
      return this.guest ? [...found, { endpoint, origin: 'the Podman of the daemon' }] : found;
    }
    const origin = '[containers] engine';
    return [{ endpoint: parseEndpoint(this.engine, origin), origin }];
  }

  private async startOwn(tried: string[]): Promise<OpenEngine> {
    const podman = new PrivatePodman(this.places);
    this.podman = podman;
    const endpoint: EngineEndpoint = { kind: 'socket', path: podman.socket };
    await podman.start();
    const deadline = Date.now() + START_TIMEOUT;
    let last = 'did not start';
    while (podman.running && Date.now() < deadline) {
      const { docker, fault } = await reach(endpoint);
      if (docker) {
        void podman.gone.then(() => this.forget(podman));
        return { docker, endpoint: podman.socket };
      }
      last = fault;
      await sleep(START_POLL);
    }
    tried.push(`a Podman service of our own at ${podman.socket}: ${podman.complaint || last}`);
    throw engineUnreachable(tried);
  }
}

async function reach(
  endpoint: EngineEndpoint,
): Promise<{ docker: Docker; fault: '' } | { docker?: undefined; fault: string }> {
  const { default: Dockerode } = await import('dockerode');
  const options =
    endpoint.kind === 'socket'
      ? { socketPath: endpoint.path }
      : { protocol: endpoint.protocol, host: endpoint.host, port: endpoint.port };
  try {
    await new Dockerode({ ...options, timeout: PING_TIMEOUT }).ping();
    return { docker: new Dockerode(options), fault: '' };
  } catch (fault) {
    return { fault: messageOf(fault) };
  }
}
