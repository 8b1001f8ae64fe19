import type { FileHandle } from 'node:fs/promises';
import send from '@fastify/send';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Where Linux shows the open files of this process. */
const OPEN_FILES = '/proc/self/fd';

export interface FileHeaders {
  type: string;
  cache: string;
}

/**
 * Answers with a file, whole or in part, or tells that the client has it already. The name of the file is
 * not looked at again: one that is replaced meanwhile is sent as it was.
 *
 * @param handle is closed here
 */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  handle: FileHandle,
  { type, cache }: FileHeaders,
): Promise<void> {
  let closes = false;
  try {
    const sent = await send(request.raw, `/${handle.fd}`, {
      root: OPEN_FILES,
      ...{ index: false, cacheControl: false, contentType: false, dotfiles: 'allow' },
    });
    reply.code(sent.statusCode).headers(sent.headers);
    if (sent.type !== 'file') {
      const { 'Content-Range': range } = sent.headers;
      for (const name of Object.keys(sent.headers)) reply.removeHeader(name);
      if (range !== undefined) reply.header('content-range', range);
      const error = `there is nothing that fits the request (status ${sent.statusCode})`;
      await reply.type('application/json; charset=utf-8').send(JSON.stringify({ error }));
      return;
    }
    reply.headers({ 'cache-control': cache, 'x-content-type-options': 'nosniff' });
    if (sent.statusCode === 304) {
      await reply.send();
      return;
    }
    closes = true;
    // The stream has opened the file for itself by then.
    sent.stream.once('close', () => void handle.close());
    await reply.type(type).send(sent.stream);
  } finally {
    if (!closes) await handle.close();
  }
}
