import websocket from '@fastify/websocket';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BoardRoutes } from '../board/board.routes';
import { OperationsRoutes } from '../operations/operations.routes';
import { registerDocumentRoutes } from './document/document.routes';
import { TERMINAL_MESSAGE_BYTES, TerminalRoute } from './tasks/terminal.route';

/** Routes that are no controllers' because their plug-ins speak to Fastify itself; call before `listen`. */
export async function registerApiRoutes(app: NestFastifyApplication): Promise<void> {
  const server = app.getHttpAdapter().getInstance();
  await server.register(websocket, { options: { maxPayload: TERMINAL_MESSAGE_BYTES } });
  app.get(OperationsRoutes).register(server);
  app.get(TerminalRoute).register(server);
  await registerDocumentRoutes(server, app.get<Configuration>(CONFIGURATION).web.prefix);
  await app.get(BoardRoutes).register(server);
}
