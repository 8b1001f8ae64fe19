import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { findProgramRoot } from '@fatbuildr/config';
import type { FastifyInstance } from 'fastify';

const DOCS = '/api/docs';
const DOCUMENT = '/api/openapi.json';

/** Nothing but what this server serves; the pages set styles of elements from their scripts. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Starts the pages; a file of its own, since pages of ours carry no scripts inside. */
const START = `window.ui = SwaggerUIBundle({
  url: '../openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: 'StandaloneLayout',
});
`;

/** The document of the API as it is committed, and Swagger UI to read it, which works without the internet. */
export async function registerDocumentRoutes(
  server: FastifyInstance,
  prefix: string,
): Promise<void> {
  const document = await addressed(join(findProgramRoot(), 'docs/openapi.json'), prefix);
  server.get(DOCUMENT, (_request, reply) =>
    reply
      .headers({ 'cache-control': 'no-cache', 'access-control-allow-origin': '*' })
      .type('application/json; charset=utf-8')
      .send(document),
  );
  server.get(DOCS, (_request, reply) => reply.redirect('./docs/'));
  server.get(`${DOCS}/swagger-initializer.js`, (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(START),
  );
  await server.register(fastifyStatic, {
    root: dirname(createRequire(__filename).resolve('swagger-ui-dist/package.json')),
    prefix: `${DOCS}/`,
    decorateReply: false,
    wildcard: false,
    globIgnore: ['**/swagger-initializer.js', '**/*.map'],
    setHeaders: (response) => {
      response.header('content-security-policy', POLICY);
      response.header('x-content-type-options', 'nosniff');
    },
  });
}

/** The document as it is, but for where the server is. */
async function addressed(file: string, prefix: string): Promise<string> {
  const text = await readFile(file, 'utf8');
  if (prefix === '') return text;
  return JSON.stringify({ ...(JSON.parse(text) as object), servers: [{ url: prefix }] });
}
