import { Body, Get, Param, Post } from '@nestjs/common';
import { ApiBody, ApiOkResponse } from '@nestjs/swagger';
import type { ImageDescription } from '@fatbuildr/containers';
import { ImagesService, requireEnvironment, shellParameters } from '@fatbuildr/images';
import type { Instance } from '@fatbuildr/instances';
import { CurrentInstance } from '../../auth/current.decorators';
import { ApiController, Operation } from '../api-controller.decorator';
import {
  CurrentSubmission,
  Submission,
  type SubmissionCall,
} from '../submissions/submission.decorators';
import { Submissions } from '../submissions/submissions';
import type { TaskDto } from '../tasks/task.dto';
import { FormatImageDto, ImageCreationDto, ShellDto, type ImageStateDto } from './image.dto';

/** Format images and build environments. */
@ApiController('images')
export class ImagesController {
  constructor(
    private readonly images: ImagesService,
    private readonly submissions: Submissions,
  ) {}

  @Get('images')
  @Operation('Show the images and build environments of every format', 'view-pipeline')
  @ApiOkResponse({ type: [FormatImageDto] })
  listImages(@CurrentInstance() instance: Instance): Promise<FormatImageDto[]> {
    return Promise.all(instance.formats.map((format) => this.describe(instance, format)));
  }

  @Get('images/:format')
  @Operation('Show the image and the build environments of a format', 'view-pipeline')
  @ApiOkResponse({ type: FormatImageDto })
  getImage(
    @CurrentInstance() instance: Instance,
    @Param('format') format: string,
  ): Promise<FormatImageDto> {
    instance.distributions(format);
    return this.describe(instance, format);
  }

  @Post('images/:format')
  @Submission('Create the image of a format', 'manage-image')
  @ApiBody({ type: ImageCreationDto, required: false })
  createImage(
    @CurrentSubmission() call: SubmissionCall,
    @Param('format') format: string,
    @Body() body: ImageCreationDto | undefined,
  ): Promise<TaskDto> {
    call.instance.distributions(format);
    const force = body?.force ?? false;
    return this.submissions.submit(call, { name: 'image creation', format, force });
  }

  @Post('images/:format/update')
  @Submission('Bring the image of a format up to date', 'manage-image')
  updateImage(
    @CurrentSubmission() call: SubmissionCall,
    @Param('format') format: string,
  ): Promise<TaskDto> {
    call.instance.distributions(format);
    return this.submissions.submit(call, { name: 'image update', format });
  }

  @Post('images/:format/environments/:environment/:architecture')
  @Submission('Create a build environment, or make it anew', 'manage-image')
  createEnvironment(
    @CurrentSubmission() call: SubmissionCall,
    @Param('format') format: string,
    @Param('environment') environment: string,
    @Param('architecture') architecture: string,
  ): Promise<TaskDto> {
    requireEnvironment(call.instance, format, environment, architecture);
    const name = 'image build environment creation';
    return this.submissions.submit(call, { name, format, environment, architecture });
  }

  @Post('images/:format/environments/:environment/:architecture/update')
  @Submission('Bring a build environment up to date', 'manage-image')
  updateEnvironment(
    @CurrentSubmission() call: SubmissionCall,
    @Param('format') format: string,
    @Param('environment') environment: string,
    @Param('architecture') architecture: string,
  ): Promise<TaskDto> {
    requireEnvironment(call.instance, format, environment, architecture);
    const name = 'image build environment update';
    return this.submissions.submit(call, { name, format, environment, architecture });
  }

  @Post('images/:format/shell')
  @Submission(
    'Open a shell, or run a command, in the image of a format, which keeps what was done',
    'manage-image',
  )
  openImageShell(
    @CurrentSubmission() call: SubmissionCall,
    @Param('format') format: string,
    @Body() shell: ShellDto,
  ): Promise<TaskDto> {
    call.instance.distributions(format);
    return this.submissions.submit(call, {
      ...{ name: 'image shell', format },
      ...shellParameters(shell.term, shell.command),
    });
  }

  @Post('images/:format/environments/:environment/:architecture/shell')
  @Submission('Open a shell, or run a command, in a copy of a build environment', 'manage-image')
  openEnvironmentShell(
    @CurrentSubmission() call: SubmissionCall,
    @Param('format') format: string,
    @Param('environment') environment: string,
    @Param('architecture') architecture: string,
    @Body() shell: ShellDto,
  ): Promise<TaskDto> {
    requireEnvironment(call.instance, format, environment, architecture);
    const name = 'image build environment shell';
    return this.submissions.submit(call, {
      ...{ name, format, environment, architecture },
      ...shellParameters(shell.term, shell.command),
    });
  }

  private async describe(instance: Instance, format: string): Promise<FormatImageDto> {
    const pairs = instance
      .environments(format)
      .flatMap((environment) =>
        instance.architectures.map((architecture) => ({ environment, architecture })),
      );
    const environments = await Promise.all(
      pairs.map(async ({ environment, architecture }) => ({
        ...{ environment, architecture },
        ...stateOf(await this.images.environment(instance, format, environment, architecture)),
      })),
    );
    return { format, ...stateOf(await this.images.image(instance, format)), environments };
  }
}

function stateOf(image: ImageDescription | undefined): { exists: boolean; image?: ImageStateDto } {
  if (image === undefined) return { exists: false };
  return { exists: true, image: { ...image, created: Math.floor(image.created.getTime() / 1000) } };
}
