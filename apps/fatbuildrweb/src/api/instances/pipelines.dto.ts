import { ApiProperty } from '@nestjs/swagger';

export class DistributionPipelineDto {
  @ApiProperty({ example: 'bookworm' })
  distribution!: string;

  @ApiProperty({ example: 'deb' })
  format!: string;

  @ApiProperty({
    type: 'string',
    nullable: true,
    example: 'bookworm',
    description: 'Build environment; null where the format has none.',
  })
  environment!: string | null;

  @ApiProperty({ type: [String], example: ['main'], description: '`main` first.' })
  derivatives!: readonly string[];
}

export class FormatPipelinesDto {
  @ApiProperty({ example: 'deb' })
  format!: string;

  @ApiProperty({ type: [String], example: ['bookworm'] })
  distributions!: readonly string[];
}

export class DerivativePipelinesDto {
  @ApiProperty({ example: 'main' })
  derivative!: string;

  @ApiProperty({ type: [String], example: ['deb'] })
  formats!: readonly string[];
}

export class PipelinesDto {
  @ApiProperty({
    type: [String],
    example: ['x86_64'],
    description: "Normalized, the host's own first.",
  })
  architectures!: readonly string[];

  @ApiProperty({ type: [FormatPipelinesDto] })
  formats!: FormatPipelinesDto[];

  @ApiProperty({ type: [DistributionPipelineDto] })
  distributions!: DistributionPipelineDto[];

  @ApiProperty({ type: [DerivativePipelinesDto] })
  derivatives!: DerivativePipelinesDto[];
}
