// The container engine of a home, through the same lib the daemon uses: found or started, and stopped. To be
// used only while no daemon runs on the home, which has the engine to itself.
import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * Hands the engine to `work` and closes it, whatever happens.
 *
 * @template T
 * @param {{ root: string, home: string }} places
 * @param {(engine: import('../../libs/containers/src').ContainerEngine) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withEngine({ root, home }, work) {
  // Compiled and installed by the steps before this one, so nothing of it can be imported earlier.
  const require = createRequire(join(root, 'package.json'));
  require('reflect-metadata');
  const { NestFactory } = require('@nestjs/core');
  const { ConfigModule, loadConfiguration } = require('./dist/libs/config/src');
  const { CONTAINER_ENGINE, ContainersModule } = require('./dist/libs/containers/src');
  class EngineModule {}
  const configuration = await loadConfiguration({ home, env: process.env });
  const app = await NestFactory.createApplicationContext(
    {
      module: EngineModule,
      imports: [ConfigModule.forRoot(configuration), ContainersModule],
    },
    { logger: false, abortOnError: false },
  );
  try {
    return await work(app.get(CONTAINER_ENGINE));
  } finally {
    await app.close();
  }
}

/** Which images of the instance `default` are there already, and what the environment's is called. */
export async function existingImages(engine, { root, codename }) {
  const require = createRequire(join(root, 'package.json'));
  const { hostArchitecture } = require('./dist/libs/config/src');
  const { environmentImageName, formatImageName } = require('./dist/libs/images/src');
  const name = environmentImageName('default', 'deb', codename, hostArchitecture());
  const format = await engine.inspectImage(formatImageName('default', 'deb'));
  const environment = await engine.inspectImage(name);
  return { name, format: format !== undefined, environment: environment !== undefined };
}
