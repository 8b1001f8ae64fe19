import { Injectable, Logger } from '@nestjs/common';
import { AuditService, type Action } from '@fatbuildr/access';
import { messageOf } from '@fatbuildr/errors';
import { InstancesService, type Instance } from '@fatbuildr/instances';
import { decodeJournalMessage, type TaskDescription } from '@fatbuildr/protocol';
import { JournalReader, TasksService } from '@fatbuildr/tasks';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { notAllowed } from '../../auth/auth.errors';
import { Authenticator } from '../../auth/authenticator';
import { userOf, type Caller } from '../../auth/caller';
import { INSTANCE_PATH } from '../api-controller.decorator';
import { DaemonLink } from '../../daemon/daemon-link';
import { foreignOrigin } from '../api.errors';
import { sendProblem } from '../problem.filter';
import { ConsoleInput } from './console-input';
import { typingRight } from './typing-right';

/** Bytes of one message of a client: what is typed or pasted, or the size of a window. */
export const TERMINAL_MESSAGE_BYTES = 64 * 1024;

/** Codes of RFC 6455 7.4.1. */
const CLOSE = { normal: 1000, unsupported: 1003, policy: 1008, internal: 1011 } as const;

/** What a client may send, as spec of the journal: output it typed, and the size of its window. */
const FROM_CLIENTS = new Set(['output', 'window-size']);

interface TerminalParams {
  instance: string;
  id: string;
}

/** A caller at the terminal of a task. */
interface Seat {
  instance: string;
  caller: Caller;
  task: TaskDescription;
  /** What lets the caller type; nothing lets who only watches. */
  typing: Action | undefined;
}

/**
 * The terminal of a task over WebSocket: each binary message, in either direction, is one message of the
 * journal. Whoever may view tasks sees everything from the start; what the submitter, or who may manage
 * tasks, sends goes to the task's console.
 */
@Injectable()
export class TerminalRoute {
  private readonly logger = new Logger('terminal');
  private readonly seats = new WeakMap<FastifyRequest, Seat>();

  constructor(
    private readonly instances: InstancesService,
    private readonly authenticator: Authenticator,
    private readonly tasks: TasksService,
    private readonly reader: JournalReader,
    private readonly daemon: DaemonLink,
    private readonly audit: AuditService,
  ) {}

  register(server: FastifyInstance): void {
    server.route<{ Params: TerminalParams }>({
      method: 'GET',
      url: `/${INSTANCE_PATH}/tasks/:id/terminal`,
      websocket: true,
      // Before the upgrade: refusals are answers of HTTP.
      preValidation: (request, reply) => this.admit(request, reply),
      handler: (socket, request) => void this.serve(socket, this.seats.get(request)!),
    });
  }

  private async admit(
    request: FastifyRequest<{ Params: TerminalParams }>,
    reply: FastifyReply,
  ): Promise<FastifyReply | undefined> {
    try {
      const { origin } = request.headers;
      // Browsers send cookies along from everywhere, and only say where from.
      if (origin !== undefined && !sameHost(origin, request)) throw foreignOrigin(origin);
      const instance = this.instances.get(request.params.instance);
      this.seats.set(request, await this.seat(request, instance));
    } catch (fault) {
      sendProblem(request, reply, fault);
      return reply;
    }
    return undefined;
  }

  private async seat(
    request: FastifyRequest<{ Params: TerminalParams }>,
    instance: Instance,
  ): Promise<Seat> {
    const caller = await this.authenticator.authenticate(request, instance);
    if (!caller.may('view-task')) throw notAllowed(caller, 'view-task');
    const task = await this.tasks.get(instance.id, request.params.id);
    const typing = typingRight(caller, task);
    // Who takes part wants the task to go on; who watches needs the files alone.
    if (typing !== undefined && task.state !== 'finished') await this.daemon.wake(instance.id);
    return { instance: instance.id, caller, task, typing };
  }

  private async serve(socket: WebSocket, seat: Seat): Promise<void> {
    const { task, typing, instance, caller } = seat;
    const console = new ConsoleInput(task.io.console, task.id, () =>
      this.audit.begin({
        ...{ instance, user: userOf(caller), transport: 'http', origin: caller.address },
        ...{ action: typing ?? 'view-task', detail: `terminal of task ${task.id}` },
      }),
    );
    socket.on('message', (data: Buffer, binary) => {
      const fault = refusal(data, binary, typing);
      if (fault) socket.close(...fault);
      if (fault !== undefined || typing === undefined) return;
      console.write(data).catch((reason: unknown) => {
        this.logger.error(`task ${task.id}: ${messageOf(reason)}`);
        socket.close(CLOSE.internal, 'what is typed cannot be recorded');
      });
    });
    socket.on('close', () => void console.close());
    try {
      for await (const frames of this.reader.follow(task)) {
        for (const { bytes } of frames) await sent(socket, bytes);
        if (socket.readyState !== socket.OPEN) return;
      }
      socket.close(CLOSE.normal);
    } catch (fault) {
      if (socket.readyState !== socket.OPEN) return;
      this.logger.warn(`task ${task.id}: ${messageOf(fault)}`);
      socket.close(CLOSE.internal, 'the journal cannot be read');
    }
  }
}

/** @returns why the connection ends */
function refusal(
  data: Buffer,
  binary: boolean,
  typing: Action | undefined,
): [code: number, reason: string] | undefined {
  const message = binary && isWhole(data) ? decodeJournalMessage(data) : undefined;
  if (message === undefined || !FROM_CLIENTS.has(message.command)) {
    return [CLOSE.unsupported, 'expected binary messages of output or window size'];
  }
  // Every terminal tells its size, also one that only watches.
  if (typing !== undefined || message.command === 'window-size') return undefined;
  return [CLOSE.policy, 'only the submitter or who may manage tasks may type'];
}

function sameHost(origin: string, { host }: FastifyRequest): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** The length in the header, bytes 4 to 7, is that of the rest. */
function isWhole(data: Buffer): boolean {
  return data.length >= 8 && data.readUInt32LE(4) === data.length - 8;
}

/** Resolves when the bytes are on their way, so that a slow reader holds up its own stream only. */
function sent(socket: WebSocket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) =>
    socket.send(bytes, (fault) => (fault ? reject(fault) : resolve())),
  );
}
