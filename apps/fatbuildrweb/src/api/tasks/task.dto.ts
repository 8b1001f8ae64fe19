import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import type { Instance } from '@fatbuildr/instances';
import type { TaskDescription } from '@fatbuildr/protocol';
import { TASK_NAMES } from '@fatbuildr/tasks';
import { LinksDto } from '../instances/instance.dto';
import type { ApiLinks } from '../links';
import { ArtifactDto } from '../registries/artifact.dto';

class JournalDto {
  @ApiProperty({ description: 'Path of the file on the server.' })
  path!: string;
}

class TaskIoDto {
  @ApiProperty({ description: 'Whether it takes what is typed at its terminal.' })
  interactive!: boolean;

  @ApiProperty({ description: 'Path of the socket on the server.' })
  console!: string;

  @ApiProperty({ type: JournalDto })
  journal!: JournalDto;
}

export class SourceArchiveDto {
  @ApiProperty()
  id!: string;

  @ApiProperty({ description: 'Path of the file on the server.' })
  path!: string;
}

class TaskLinksDto extends LinksDto {
  @ApiProperty({ description: 'What it prints, followed to its end.' })
  journal!: string;

  @ApiProperty({ description: 'Its terminal, over WebSocket.' })
  terminal!: string;

  @ApiProperty({ description: 'What it left.' })
  files!: string;
}

export class TaskStepDto {
  @ApiProperty({ example: 'binaries x86_64' })
  name!: string;

  @ApiProperty({
    type: 'integer',
    description: 'Seconds since the epoch; -1 for one that is planned and has not begun.',
  })
  started!: number;

  @ApiProperty({ type: 'integer', description: 'Milliseconds; -1 for one that has not ended.' })
  duration!: number;
}

/** A task; the fields after `links` depend on its name. */
@ApiExtraModels(ArtifactDto)
export class TaskDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: 'integer', description: 'Order of submission, over all instances.' })
  sequence!: number;

  @ApiProperty({ enum: TASK_NAMES })
  name!: string;

  @ApiProperty({ description: 'Who submitted it.' })
  user!: string;

  @ApiProperty({ type: 'integer', description: 'Seconds since the epoch.' })
  submission!: number;

  @ApiProperty({ description: 'Path of its workspace on the server.' })
  place!: string;

  @ApiProperty({ enum: ['pending', 'running', 'finished'] })
  state!: string;

  @ApiProperty({ enum: ['unknown', 'failed', 'success'] })
  result!: string;

  @ApiPropertyOptional({ description: 'Why it failed, in one sentence.' })
  reason?: string;

  @ApiPropertyOptional({
    type: 'integer',
    description:
      'Until when the container of a failed build is kept, seconds since the epoch; only of builds that have one.',
  })
  kept_until?: number;

  @ApiPropertyOptional({
    type: 'integer',
    description: 'Seconds since the epoch; only of tasks that have begun.',
  })
  started?: number;

  @ApiPropertyOptional({
    type: 'integer',
    description: 'Seconds since the epoch; only of finished tasks.',
  })
  ended?: number;

  @ApiProperty({ type: [TaskStepDto], description: 'Of a running task also those to come.' })
  steps!: TaskStepDto[];

  @ApiPropertyOptional({
    type: 'integer',
    description: 'From 1 on: its place among those that wait; only of pending tasks.',
  })
  position?: number;

  @ApiPropertyOptional({ description: 'What it waits for; only of pending tasks.' })
  waiting?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'The task this one repeats.' })
  retries?: string;

  @ApiProperty({ type: TaskIoDto })
  io!: TaskIoDto;

  @ApiProperty({ type: TaskLinksDto })
  links!: TaskLinksDto;

  @ApiPropertyOptional({ example: 'deb' })
  format?: string;

  @ApiPropertyOptional({ example: 'bookworm' })
  distribution?: string;

  @ApiPropertyOptional({ example: 'main' })
  derivative?: string;

  @ApiPropertyOptional({
    oneOf: [{ type: 'string' }, { $ref: getSchemaPath(ArtifactDto) }],
    description: 'The name of what is built, or the artifact that is deleted.',
  })
  artifact?: string | ArtifactDto;

  @ApiPropertyOptional({ type: [String] })
  architectures?: string[];

  @ApiPropertyOptional({ type: [SourceArchiveDto], description: 'Sources that came along.' })
  archives?: SourceArchiveDto[];

  @ApiPropertyOptional({ description: 'Of the entry in the changelog.' })
  author?: string;

  @ApiPropertyOptional()
  email?: string;

  @ApiPropertyOptional()
  message?: string;

  @ApiPropertyOptional({
    example: '2h',
    description: 'For how long the container is kept when the build fails.',
  })
  keep_failed?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'The failed build a shell is in.' })
  build?: string;

  @ApiPropertyOptional({ example: 'bookworm' })
  environment?: string;

  @ApiPropertyOptional({ example: 'x86_64' })
  architecture?: string;

  @ApiPropertyOptional({ description: 'Whether an image that exists is made anew.' })
  force?: boolean;

  @ApiPropertyOptional({ example: '2y', description: 'Until a renewed key expires.' })
  duration?: string;
}

export function taskDto(links: ApiLinks, instance: Instance, task: TaskDescription): TaskDto {
  const path = (...parts: string[]) => links.instance(instance, 'tasks', task.id, ...parts);
  return {
    ...task,
    links: {
      self: path(),
      journal: path('journal'),
      terminal: path('terminal'),
      files: path('files'),
    },
  };
}
