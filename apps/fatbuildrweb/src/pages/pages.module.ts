import { Module } from '@nestjs/common';
import { ImagesModule } from '@fatbuildr/images';
import { KeyringModule } from '@fatbuildr/keyring';
import { RegistriesModule } from '@fatbuildr/registries';
import { DashboardController } from './controllers/dashboard.controller';
import { DeletionController } from './controllers/deletion.controller';
import { HistoryController } from './controllers/history.controller';
import { ImagesPageController } from './controllers/images-page.controller';
import { KeyringPageController } from './controllers/keyring-page.controller';
import { RegistryPageController } from './controllers/registry-page.controller';
import { SessionController } from './controllers/session.controller';
import { SubmitController } from './controllers/submit.controller';
import { TaskPageController } from './controllers/task-page.controller';
import { TokensPageController } from './controllers/tokens-page.controller';
import { TaskLogs } from './log/task-logs';
import { PageTasks } from './page-tasks';
import { ArtifactPages } from './registry/artifact-pages';
import { ClientSetups } from './registry/client-setups';
import { RegistryPages } from './registry/registry-pages';

/** The pages of one instance. */
@Module({
  imports: [ImagesModule, KeyringModule, RegistriesModule],
  controllers: [
    DashboardController,
    SubmitController,
    TaskPageController,
    HistoryController,
    DeletionController,
    RegistryPageController,
    ImagesPageController,
    KeyringPageController,
    TokensPageController,
    SessionController,
  ],
  providers: [ArtifactPages, ClientSetups, PageTasks, RegistryPages, TaskLogs],
})
export class PagesModule {}
