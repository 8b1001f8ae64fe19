// The peer of the web server: Fastify and nothing else, which answers with what it is given.
//
//   node bench/bare-server.mjs FOLDER    with listings, kept in memory, and `file`, read each time
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import fastify from 'fastify';

const [folder] = process.argv.slice(2);
const file = join(folder, 'file');
const server = fastify();
server.get('/healthz', (_request, reply) => reply.type('text/plain').send('ok\n'));
for (const name of ['listing', 'compatible']) {
  const listing = await readFile(join(folder, `${name}.json`));
  server.get(`/${name}`, (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(listing),
  );
}
server.get('/file', async (_request, reply) => {
  const { size } = await stat(file);
  return reply
    .type('application/octet-stream')
    .header('content-length', size)
    .send(createReadStream(file));
});
process.once('SIGTERM', () => void server.close());
console.log(`bare server ready on ${await server.listen({ host: '127.0.0.1', port: 0 })}`);
