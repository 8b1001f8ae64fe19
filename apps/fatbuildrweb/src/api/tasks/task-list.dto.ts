import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { TaskFilter } from '@fatbuildr/protocol';
import { TASK_NAMES } from '@fatbuildr/tasks';
import { Transform, Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { TaskDto } from './task.dto';

const STATES = ['pending', 'running', 'finished'] as const;
const RESULTS = ['unknown', 'failed', 'success'] as const;
/** Tasks of one page. */
const PAGE = { default: 50, most: 500 } as const;

/** Which tasks are listed, and how many at once. */
export class TaskQueryDto {
  @ApiPropertyOptional({
    enum: STATES,
    isArray: true,
    description: 'In one of these states; may be given several times.',
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => [value].flat())
  @IsIn(STATES, { each: true })
  state?: (typeof STATES)[number][];

  @ApiPropertyOptional({ enum: RESULTS })
  @IsOptional()
  @IsIn(RESULTS)
  result?: (typeof RESULTS)[number];

  @ApiPropertyOptional({ enum: TASK_NAMES })
  @IsOptional()
  @IsIn(TASK_NAMES)
  name?: string;

  @ApiPropertyOptional({ description: "A part of the artifact's name, in any case." })
  @IsOptional()
  @IsString()
  artifact?: string;

  @ApiPropertyOptional({ description: 'Who submitted it.' })
  @IsOptional()
  @IsString()
  user?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  format?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  distribution?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  derivative?: string;

  @ApiPropertyOptional({
    type: 'integer',
    description: 'Submitted then or later, seconds since the epoch.',
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  since?: number;

  @ApiPropertyOptional({
    type: 'integer',
    description: 'Submitted before then, seconds since the epoch.',
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  until?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: PAGE.most, default: PAGE.default })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(PAGE.most)
  limit: number = PAGE.default;

  @ApiPropertyOptional({
    type: 'integer',
    description: '`next` of the page before; without it the newest tasks are listed.',
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  cursor?: number;
}

export class TaskListDto {
  @ApiProperty({ type: [TaskDto], description: 'The one submitted last first.' })
  items!: TaskDto[];

  @ApiPropertyOptional({
    type: 'integer',
    description: '`cursor` of the next page; absent on the last one.',
  })
  next?: number;
}

/** One more than the page holds tells whether there is another. */
export function taskFilter({ state, cursor, limit, ...rest }: TaskQueryDto): TaskFilter {
  return {
    ...rest,
    ...(state === undefined ? {} : { states: state }),
    ...(cursor === undefined ? {} : { before: cursor }),
    limit: limit + 1,
  };
}
