import { Global, Module } from '@nestjs/common';
import { KeyringModule } from '@fatbuildr/keyring';
import { RegistriesModule } from '@fatbuildr/registries';
import { BuildPipeline } from './build-pipeline';
import { FormatBuilders } from './format-builders';
import { BuildResubmission } from './resubmission';
import { DefineStep } from './steps/define.step';
import { FetchStep } from './steps/fetch.step';
import { PrescriptStep } from './steps/prescript.step';
import { RenderStep } from './steps/render.step';
import { UnpackStep } from './steps/unpack.step';

/** Builds of all formats; global so that format modules can register their builders. */
@Global()
@Module({
  imports: [KeyringModule, RegistriesModule],
  providers: [
    BuildPipeline,
    BuildResubmission,
    FormatBuilders,
    UnpackStep,
    DefineStep,
    FetchStep,
    RenderStep,
    PrescriptStep,
  ],
  exports: [BuildPipeline, FormatBuilders],
})
export class BuildsModule {}
