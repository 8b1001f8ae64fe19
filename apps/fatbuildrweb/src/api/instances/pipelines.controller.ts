import { Get, Param } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import type { Instance } from '@fatbuildr/instances';
import { CurrentInstance } from '../../auth/current.decorators';
import { ApiController, Operation } from '../api-controller.decorator';
import {
  DerivativePipelinesDto,
  DistributionPipelineDto,
  FormatPipelinesDto,
  PipelinesDto,
} from './pipelines.dto';

/** What an instance builds, and for what. */
@ApiController('pipelines')
export class PipelinesController {
  @Get('pipelines')
  @Operation('Show all pipelines of an instance', 'view-pipeline')
  @ApiOkResponse({ type: PipelinesDto })
  getPipelines(@CurrentInstance() instance: Instance): PipelinesDto {
    const { architectures, formats, pipelines, derivatives } = instance;
    return {
      architectures,
      formats: formats.map((format) => formatDto(instance, format)),
      distributions: pipelines.map(({ distribution }) => distributionDto(instance, distribution)),
      derivatives: derivatives.map((derivative) => derivativeDto(instance, derivative)),
    };
  }

  @Get('pipelines/formats/:format')
  @Operation('Show the pipelines of a format', 'view-pipeline')
  @ApiOkResponse({ type: FormatPipelinesDto })
  getFormatPipelines(
    @CurrentInstance() instance: Instance,
    @Param('format') format: string,
  ): FormatPipelinesDto {
    return formatDto(instance, format);
  }

  @Get('pipelines/distributions/:distribution')
  @Operation('Show the pipeline of a distribution', 'view-pipeline')
  @ApiOkResponse({ type: DistributionPipelineDto })
  getDistributionPipeline(
    @CurrentInstance() instance: Instance,
    @Param('distribution') distribution: string,
  ): DistributionPipelineDto {
    return distributionDto(instance, distribution);
  }

  @Get('pipelines/derivatives/:derivative')
  @Operation('Show the formats of a derivative', 'view-pipeline')
  @ApiOkResponse({ type: DerivativePipelinesDto })
  getDerivativePipelines(
    @CurrentInstance() instance: Instance,
    @Param('derivative') derivative: string,
  ): DerivativePipelinesDto {
    return derivativeDto(instance, derivative);
  }
}

function formatDto(instance: Instance, format: string): FormatPipelinesDto {
  return { format, distributions: instance.distributions(format) };
}

function distributionDto(instance: Instance, distribution: string): DistributionPipelineDto {
  return {
    distribution,
    format: instance.distributionFormat(distribution),
    environment: instance.distributionEnvironment(distribution) ?? null,
    derivatives: instance.distributionDerivatives(distribution),
  };
}

function derivativeDto(instance: Instance, derivative: string): DerivativePipelinesDto {
  return { derivative, formats: instance.derivativeFormats(derivative) };
}
