import { json } from 'node:stream/consumers';
import { FatbuildrError } from '@fatbuildr/errors';
import createClient, { type Client } from 'openapi-fetch';
import { WebSocket } from 'ws';
import type { paths } from './generated/openapi';
import {
  notTheApi,
  refused,
  unreachable,
  type Correspondent,
  type Problem,
} from './http-client.errors';

/** What openapi-fetch answers. */
export interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What comes before an answer that refuses. */
interface Head {
  status: number;
  /** `Content-Type`; empty without it. */
  type: string;
}

const headOf = ({ status, headers }: Response): Head => ({
  ...{ status, type: headers.get('content-type') ?? '' },
});

/** Requests to one server, with the caller's token, and their faults in our words. */
export class ApiSession {
  readonly api: Client<paths>;

  constructor(
    private readonly server: string,
    private readonly token: string | undefined,
    private readonly to: Correspondent,
  ) {
    this.api = createClient<paths>({ baseUrl: server, fetch: (request) => this.fetch(request) });
  }

  /** The content of an answer. @throws FatbuildrError for a refusal */
  async of<T>(answering: Promise<Answer<T>>): Promise<T> {
    const { data, error, response } = await answering.catch((fault: unknown) => {
      if (fault instanceof FatbuildrError) throw fault;
      throw notTheApi(this.to.uri, 200);
    });
    if (!response.ok) throw this.refusal(headOf(response), error);
    return data as T;
  }

  /** A request of a path of ours that has no typed answer. @throws FatbuildrError for a refusal */
  async raw(path: string, init: RequestInit): Promise<Response> {
    const response = await this.fetch(new Request(`${this.server}${path}`, init));
    if (response.ok) return response;
    throw this.refusal(headOf(response), await response.json().catch(() => undefined));
  }

  /** Begins a connection for messages in both directions; a refusal is its error. */
  connect(path: string): WebSocket {
    const headers = this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
    const socket = new WebSocket(`${this.server.replace(/^http/, 'ws')}${path}`, { headers });
    socket.once('unexpected-response', (_request, answer) => {
      const status = answer.statusCode ?? 0;
      const type = answer.headers['content-type'] ?? '';
      void json(answer)
        .catch(() => undefined)
        .then((body) => socket.emit('error', this.refusal({ status, type }, body)));
    });
    return socket;
  }

  private refusal({ status, type }: Head, error: unknown): FatbuildrError {
    if (!type.startsWith('application/problem+json')) return notTheApi(this.to.uri, status);
    return refused({ ...(error as Problem), status }, this.to);
  }

  private async fetch(request: Request): Promise<Response> {
    if (this.token !== undefined) request.headers.set('authorization', `Bearer ${this.token}`);
    return fetch(request).catch((fault: unknown) => {
      throw request.signal.aborted ? fault : unreachable(fault, this.to.uri);
    });
  }
}
