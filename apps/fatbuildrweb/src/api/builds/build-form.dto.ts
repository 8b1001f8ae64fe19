import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';

/** For the document alone: the form is read as it arrives. */
@ApiSchema({
  description:
    'Fields before files. Beside `source`, files `source/<id>` carry the archives of several sources.',
})
export class BuildFormDto {
  @ApiProperty({ example: 'deb' })
  format!: string;

  @ApiProperty({ example: 'bookworm' })
  distribution!: string;

  @ApiPropertyOptional({ default: 'main' })
  derivative?: string;

  @ApiPropertyOptional({
    example: 'x86_64,aarch64',
    description: 'Separated by commas; those of the instance without it.',
  })
  architectures?: string;

  @ApiProperty({ example: 'hello' })
  artifact!: string;

  @ApiPropertyOptional({ description: 'Of the entry in the changelog.' })
  user_name?: string;

  @ApiPropertyOptional()
  user_email?: string;

  @ApiPropertyOptional()
  message?: string;

  @ApiPropertyOptional({
    enum: ['true', 'false'],
    default: 'false',
    description: 'Whether a shell opens where the build fails, for the terminal of the task.',
  })
  interactive?: string;

  @ApiPropertyOptional({
    example: '2h',
    description: 'For how long the container is kept when the build fails; it is not without it.',
  })
  keep_failed?: string;

  @ApiProperty({ type: 'string', format: 'binary', description: 'The packed definition.' })
  tarball!: unknown;

  @ApiPropertyOptional({
    type: 'string',
    format: 'binary',
    description:
      'An archive of local sources, called `<id>_<version>.tar.xz`, of the source that has the name of the artifact.',
  })
  source?: unknown;
}
