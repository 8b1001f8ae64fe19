import { BoardRoutes } from '../board/board.routes';
import { Metrics } from '../operations/metrics';
import { OperationsRoutes } from '../operations/operations.routes';
import { ReadinessProbe } from '../operations/readiness';
import { BuildsController } from './builds/builds.controller';
import { ImagesController } from './images/images.controller';
import { InstancesApiController } from './instances/instances.api.controller';
import { PipelinesController } from './instances/pipelines.controller';
import { KeyringController } from './keyring/keyring.controller';
import { ArtifactsController } from './registries/artifacts.controller';
import { RegistriesController } from './registries/registries.controller';
import { Submissions } from './submissions/submissions';
import { JournalController } from './tasks/journal.controller';
import { TaskFilesController } from './tasks/task-files.controller';
import { TasksController } from './tasks/tasks.controller';
import { TerminalRoute } from './tasks/terminal.route';
import { TokensController } from './tokens/tokens.controller';

/** Layer B: the controllers of `/api/v1`. */
export const API_CONTROLLERS = [
  InstancesApiController,
  PipelinesController,
  TasksController,
  JournalController,
  TaskFilesController,
  BuildsController,
  ImagesController,
  KeyringController,
  RegistriesController,
  ArtifactsController,
  TokensController,
];

/** What they need beside the libs. */
export const API_PROVIDERS = [
  TerminalRoute,
  Submissions,
  BoardRoutes,
  OperationsRoutes,
  Metrics,
  ReadinessProbe,
];
