import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DocumentBuilder, getSchemaPath, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { version } from '@fatbuildr/config';
import { API_CONTROLLERS } from '../api.parts';
import { ProblemDto } from '../problem.dto';

type PathItem = OpenAPIObject['paths'][string];
type OperationObject = NonNullable<PathItem['get']>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** In every path below an instance, and no handler's business. */
const INSTANCE_PARAMETER = {
  name: 'instance',
  in: 'path',
  required: true,
  description: 'Id of the instance.',
  schema: { type: 'string' },
} as const;

/** What the controllers are made of; none is ever called. */
const parts = API_CONTROLLERS.flatMap(
  (controller) =>
    (Reflect.getMetadata('design:paramtypes', controller) as unknown[] | undefined) ?? [],
);

@Module({
  controllers: API_CONTROLLERS,
  providers: [...new Set(parts)].map((part) => ({ provide: part as Type, useValue: {} })),
})
class DocumentedModule {}

/** The document of the API, from the decorators of its controllers; nothing of them is started. */
export async function openApiDocument(): Promise<OpenAPIObject> {
  const app = await NestFactory.create(DocumentedModule, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  const builder = new DocumentBuilder()
    .setTitle('Fatbuildr')
    .setDescription(
      'Everything a user can ask of the instances of a Fatbuildr server. Reads answer at once; changes answer 202 with the task that makes them.',
    )
    .setVersion(version)
    .setLicense('GPL-3.0-or-later', 'https://www.gnu.org/licenses/gpl-3.0.html')
    .setOpenAPIVersion('3.0.3')
    .addServer('/')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'A token of the instance; without it a caller is anonymous.',
    });
  for (const [tag, description] of TAGS) builder.addTag(tag, description);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (_controller, method) => method,
    extraModels: [ProblemDto],
  });
  for (const [path, item] of Object.entries(document.paths)) completePath(path, item);
  return document;
}

const TAGS = [
  ['instances', 'Which instances there are.'],
  ['pipelines', 'What an instance builds, and for what.'],
  ['tasks', 'What waits, runs and has ended.'],
  ['builds', 'What is to be built.'],
  ['images', 'Format images and build environments.'],
  ['keyring', 'The key that signs.'],
  ['registries', 'What is published.'],
  ['tokens', 'By which callers are known.'],
] as const;

/** What holds for every operation and is said once. */
function completePath(path: string, item: PathItem): void {
  for (const method of METHODS) {
    const operation = item[method];
    if (operation === undefined) continue;
    const others = (operation.parameters ?? []).filter(
      (parameter) => 'name' in parameter && parameter.name !== INSTANCE_PARAMETER.name,
    );
    operation.parameters = path.includes('{instance}') ? [INSTANCE_PARAMETER, ...others] : others;
    // Callers may be anonymous everywhere; the policy decides.
    operation.security = [{ bearer: [] }, {}];
    operation.responses = { ...operation.responses, '4XX': PROBLEM, '5XX': PROBLEM };
  }
}

const PROBLEM: OperationObject['responses'][string] = {
  description: 'Why the request was refused.',
  content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } },
};
