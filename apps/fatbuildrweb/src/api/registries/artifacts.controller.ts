import { Delete, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Instance } from '@fatbuildr/instances';
import { RegistriesService } from '@fatbuildr/registries';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString } from 'class-validator';
import { CurrentInstance } from '../../auth/current.decorators';
import { ApiController, INSTANCE_PATH, Operation } from '../api-controller.decorator';
import {
  CurrentSubmission,
  Submission,
  type SubmissionCall,
} from '../submissions/submission.decorators';
import { Submissions } from '../submissions/submissions';
import type { TaskDto } from '../tasks/task.dto';
import { ApiLinks } from '../links';
import { linked } from './artifact-links';
import { ChangelogEntryDto, ContentMemberDto, ListedArtifactDto } from './artifact.dto';

class PlaceParams {
  @ApiProperty({ example: 'deb' })
  @IsString()
  format!: string;

  @ApiProperty({ example: 'bookworm' })
  @IsString()
  distribution!: string;

  @ApiProperty({ example: 'main' })
  @IsString()
  derivative!: string;

  @IsString()
  instance!: string;
}

class ArtifactParams extends PlaceParams {
  @ApiProperty({ example: 'x86_64', description: '`src` for sources.' })
  @IsString()
  architecture!: string;

  @ApiProperty({ example: 'hello' })
  @IsString()
  artifact!: string;
}

class SourceParams extends PlaceParams {
  @ApiProperty({ example: 'hello' })
  @IsString()
  source!: string;
}

class BinaryParams extends PlaceParams {
  @ApiProperty({ example: 'hello' })
  @IsString()
  binary!: string;
}

class DeletionDto {
  @ApiProperty({ example: '2.12-1' })
  @IsString()
  version!: string;

  @ApiPropertyOptional({
    type: 'integer',
    description: 'Bytes, as the listing says; only recorded.',
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  size?: number;
}

/** One artifact of a registry. */
@ApiController('registries', `${INSTANCE_PATH}/registries/:format/:distribution/:derivative`)
export class ArtifactsController {
  constructor(
    private readonly registries: RegistriesService,
    private readonly submissions: Submissions,
    private readonly links: ApiLinks,
  ) {}

  @Get('artifacts/:architecture/:artifact')
  @Operation('List the published versions of an artifact, oldest first', 'view-registry')
  @ApiOkResponse({ type: [ListedArtifactDto] })
  async getArtifact(
    @CurrentInstance() instance: Instance,
    @Param() { architecture, artifact, ...place }: ArtifactParams,
  ): Promise<ListedArtifactDto[]> {
    const found = await this.registries.versions(instance, place, architecture, artifact);
    return found.map((one) => linked(this.links, instance, place, one));
  }

  @Get('artifacts/:architecture/:artifact/changelog')
  @Operation('Show the changelog of the newest version, newest entry first', 'view-registry')
  @ApiOkResponse({ type: [ChangelogEntryDto] })
  getChangelog(
    @CurrentInstance() instance: Instance,
    @Param() { architecture, artifact, ...place }: ArtifactParams,
  ): Promise<ChangelogEntryDto[]> {
    return this.registries.changelog(instance, place, architecture, artifact);
  }

  @Get('artifacts/:architecture/:artifact/content')
  @Operation('List the files in the newest version', 'view-registry')
  @ApiOkResponse({ type: [ContentMemberDto] })
  getContent(
    @CurrentInstance() instance: Instance,
    @Param() { architecture, artifact, ...place }: ArtifactParams,
  ): Promise<ContentMemberDto[]> {
    return this.registries.content(instance, place, architecture, artifact);
  }

  @Delete('artifacts/:architecture/:artifact')
  @Submission(
    'Delete a version of an artifact',
    'edit-registry',
    'With a source goes all that was built of it.',
  )
  async deleteArtifact(
    @CurrentSubmission() call: SubmissionCall,
    @Param() { architecture, artifact, instance: _, ...place }: ArtifactParams,
    @Query() { version, size = -1 }: DeletionDto,
  ): Promise<TaskDto> {
    const target = { name: artifact, architecture, version, size };
    await this.registries.deletion(call.instance, place, target);
    return this.submissions.submit(call, {
      name: 'artifact deletion',
      ...place,
      artifact: target,
    });
  }

  @Get('sources/:source/binaries')
  @Operation('List what was built of the newest version of a source', 'view-registry')
  @ApiOkResponse({ type: [ListedArtifactDto] })
  async listBinaries(
    @CurrentInstance() instance: Instance,
    @Param() { source, ...place }: SourceParams,
  ): Promise<ListedArtifactDto[]> {
    const found = await this.registries.artifactBinaries(instance, place, source);
    return found.map((one) => linked(this.links, instance, place, one));
  }

  @Get('binaries/:binary/source')
  @Operation('Tell what the newest version of a binary was built of', 'view-registry')
  @ApiOkResponse({ type: ListedArtifactDto })
  async getSource(
    @CurrentInstance() instance: Instance,
    @Param() { binary, ...place }: BinaryParams,
  ): Promise<ListedArtifactDto> {
    return linked(
      this.links,
      instance,
      place,
      await this.registries.artifactSource(instance, place, binary),
    );
  }
}
