import { Module } from '@nestjs/common';
import { ImagesModule } from '@fatbuildr/images';
import { KeyringModule } from '@fatbuildr/keyring';
import { RegistriesModule } from '@fatbuildr/registries';
import { ArtifactPageController } from './controllers/artifact-page.controller';
import { DashboardController } from './controllers/dashboard.controller';
import { HistoryController } from './controllers/history.controller';
import { ImagesPageController } from './controllers/images-page.controller';
import { KeyringPageController } from './controllers/keyring-page.controller';
import { RegistryPageController } from './controllers/registry-page.controller';
import { SessionController } from './controllers/session.controller';
import { SubmitController } from './controllers/submit.controller';
import { TaskPageController } from './controllers/task-page.controller';
import { TokensPageController } from './controllers/tokens-page.controller';
import { ClientSetups } from './registry/client-setups';
import { TaskLogs } from './log/task-logs';
import { PageTasks } from './page-tasks';

/** The pages of one instance. */
@Module({
  imports: [ImagesModule, KeyringModule, RegistriesModule],
  controllers: [
    DashboardController,
    SubmitController,
    TaskPageController,
    HistoryController,
    ArtifactPageController,
    RegistryPageController,
    ImagesPageController,
    KeyringPageController,
    TokensPageController,
    SessionController,
  ],
  providers: [ClientSetups, PageTasks, TaskLogs],
})
export class PagesModule {}
