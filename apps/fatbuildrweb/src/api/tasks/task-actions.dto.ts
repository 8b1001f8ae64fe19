import { ApiProperty } from '@nestjs/swagger';
import { LinksDto } from '../instances/instance.dto';

export class CancellationDto {
  @ApiProperty({
    description: 'Whether it has ended; false for a running one, which ends as soon as it can.',
  })
  ended!: boolean;
}

export class StepEstimateDto {
  @ApiProperty({ example: 'binaries x86_64' })
  name!: string;

  @ApiProperty({ type: 'integer', description: 'Milliseconds.' })
  duration!: number;
}

export class TaskFileDto {
  @ApiProperty({ example: 'task.journal', description: 'Relative to the workspace.' })
  path!: string;

  @ApiProperty({ type: 'integer', description: 'Bytes.' })
  size!: number;

  @ApiProperty({ type: 'integer', description: 'Last change, seconds since the epoch.' })
  modified!: number;

  @ApiProperty({ type: LinksDto })
  links!: LinksDto;
}
