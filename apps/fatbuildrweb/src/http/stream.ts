import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/**
 * Answers with bytes as they come, for as long as the client stays; proxies are told to hold nothing back.
 *
 * @param bytes an empty piece, from time to time, lets a source notice that its client has left
 */
export async function sendStream(
  reply: FastifyReply,
  type: string,
  bytes: AsyncGenerator<Buffer>,
): Promise<void> {
  // There may be nothing to send for long.
  reply.raw.socket?.setTimeout(0);
  await reply
    .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
    .type(type)
    .send(Readable.from(bytes, { objectMode: false }));
}
