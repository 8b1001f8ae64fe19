import { ApiProperty } from '@nestjs/swagger';

/** Why a request was refused: a problem document of RFC 9457. */
export class ProblemDto {
  @ApiProperty({ example: 'about:blank' })
  type!: string;

  @ApiProperty({ example: 'Not Found', description: 'The phrase of the status.' })
  title!: string;

  @ApiProperty({ example: 404 })
  status!: number;

  @ApiProperty({ description: 'What is wrong, with which value, and what exists or what to do.' })
  detail!: string;

  @ApiProperty({ example: 'TASKS.UNKNOWN', description: 'Stable, for programs.' })
  code!: string;

  @ApiProperty({ description: 'Path of the request.' })
  instance!: string;
}
