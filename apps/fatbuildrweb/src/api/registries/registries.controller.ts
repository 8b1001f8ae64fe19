import { Get, Header, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiPropertyOptional } from '@nestjs/swagger';
import type { Instance } from '@fatbuildr/instances';
import { RegistriesService } from '@fatbuildr/registries';
import { IsString, MinLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentInstance } from '../../auth/current.decorators';
import { ListingCache, type ListingForm } from '../../registry/listing-cache';
import { ApiController, Operation } from '../api-controller.decorator';
import { hasTag } from '../etag.interceptor';
import {
  CurrentSubmission,
  Submission,
  type SubmissionCall,
} from '../submissions/submission.decorators';
import { Submissions } from '../submissions/submissions';
import type { TaskDto } from '../tasks/task.dto';
import { ApiLinks } from '../links';
import { linked } from './artifact-links';
import { FoundArtifactDto, ListedArtifactDto, PublicationDto } from './artifact.dto';

class SearchDto {
  @ApiPropertyOptional({
    required: true,
    description: "A part of the artifact's name, in any case.",
  })
  @IsString()
  @MinLength(1)
  text!: string;
}

/** What the registries of an instance hold, level by level. */
@ApiController('registries')
export class RegistriesController {
  private readonly form: ListingForm = {
    name: 'linked',
    item: (...listed) => linked(this.links, ...listed),
  };

  constructor(
    private readonly registries: RegistriesService,
    private readonly listings: ListingCache,
    private readonly submissions: Submissions,
    private readonly links: ApiLinks,
  ) {}

  @Get('registries')
  @Operation('List the formats that have a registry', 'view-registry')
  @ApiOkResponse({ type: [String] })
  listRegistryFormats(@CurrentInstance() instance: Instance): string[] {
    return this.registries.formats(instance);
  }

  @Get('registries/:format')
  @Operation('List the distributions of a format', 'view-registry')
  @ApiOkResponse({ type: [String] })
  listRegistryDistributions(
    @CurrentInstance() instance: Instance,
    @Param('format') format: string,
  ): Promise<string[]> {
    return this.registries.distributions(instance, format);
  }

  @Get('registries/:format/:distribution')
  @Operation('List the derivatives of a distribution', 'view-registry')
  @ApiOkResponse({ type: [String] })
  listRegistryDerivatives(
    @CurrentInstance() instance: Instance,
    @Param('format') format: string,
    @Param('distribution') distribution: string,
  ): Promise<string[]> {
    return this.registries.derivatives(instance, format, distribution);
  }

  @Get('registries/:format/:distribution/publications')
  @Operation('Tell who changed a distribution, newest first', 'view-registry')
  @ApiOkResponse({ type: [PublicationDto] })
  async listPublications(
    @CurrentInstance() instance: Instance,
    @Param('format') format: string,
    @Param('distribution') distribution: string,
  ): Promise<PublicationDto[]> {
    const found = await this.registries.publications(instance, { format, distribution });
    return found.map(({ id, action, task, user, date, packages }) => ({
      ...{ id, action, task, user, packages },
      date: Math.floor(date / 1000),
    }));
  }

  @Get('registries/:format/:distribution/:derivative/artifacts')
  @Operation('List artifacts by name, architecture and version', 'view-registry')
  @ApiOkResponse({ type: [ListedArtifactDto] })
  @Header('content-type', 'application/json; charset=utf-8')
  async listArtifacts(
    @CurrentInstance() instance: Instance,
    @Param('format') format: string,
    @Param('distribution') distribution: string,
    @Param('derivative') derivative: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer | undefined> {
    const place = { format, distribution, derivative };
    const { tag, body } = await this.listings.listing(instance, place, this.form);
    void reply.header('etag', tag).header('cache-control', 'private, no-cache');
    if (!hasTag(request.headers['if-none-match'], tag)) return body;
    void reply.status(304);
    return undefined;
  }

  @Get('search')
  @Operation('Find artifacts in every registry of the instance', 'view-registry')
  @ApiOkResponse({ type: [FoundArtifactDto] })
  async searchArtifacts(
    @CurrentInstance() instance: Instance,
    @Query() { text }: SearchDto,
  ): Promise<FoundArtifactDto[]> {
    const found = await this.registries.search(instance, text);
    return found.map(({ artifact, ...place }) => ({
      ...place,
      ...linked(this.links, instance, place, artifact),
    }));
  }

  @Post('registries/:format/reindex')
  @Submission('Rebuild the index of a registry from its files', 'edit-registry')
  async reindexRegistry(
    @CurrentSubmission() call: SubmissionCall,
    @Param('format') format: string,
  ): Promise<TaskDto> {
    await this.registries.distributions(call.instance, format);
    return this.submissions.submit(call, { name: 'registry reindexing', format });
  }
}
