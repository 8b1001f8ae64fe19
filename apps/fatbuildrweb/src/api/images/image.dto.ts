import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsArray, IsBoolean, IsOptional, IsString } from 'class-validator';

export class ImageStateDto {
  @ApiProperty()
  id!: string;

  @ApiProperty({ type: [String] })
  names!: readonly string[];

  @ApiProperty({ type: 'integer', description: 'Seconds since the epoch.' })
  created!: number;

  @ApiProperty({ type: 'integer', description: 'Bytes, shared layers included.' })
  size!: number;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  labels!: Readonly<Record<string, string>>;
}

export class EnvironmentDto {
  @ApiProperty({ example: 'bookworm' })
  environment!: string;

  @ApiProperty({ example: 'x86_64' })
  architecture!: string;

  @ApiProperty({ description: 'Whether it was created.' })
  exists!: boolean;

  @ApiPropertyOptional({ type: ImageStateDto, description: 'Only of one that exists.' })
  image?: ImageStateDto;
}

export class FormatImageDto {
  @ApiProperty({ example: 'deb' })
  format!: string;

  @ApiProperty({ description: 'Whether it was created.' })
  exists!: boolean;

  @ApiPropertyOptional({ type: ImageStateDto, description: 'Only of one that exists.' })
  image?: ImageStateDto;

  @ApiProperty({ type: [EnvironmentDto], description: 'Build environments of the format.' })
  environments!: EnvironmentDto[];
}

export class ImageCreationDto {
  @ApiPropertyOptional({ default: false, description: 'Make an image that exists anew.' })
  @IsOptional()
  @IsBoolean()
  force?: boolean;
}

export class ShellDto {
  @ApiProperty({
    example: 'xterm-256color',
    description: 'Type of the terminal (TERM); empty for a command that has pipes instead.',
  })
  @IsString()
  term!: string;

  @ApiProperty({
    type: [String],
    example: ['apt-get', 'update'],
    description: 'A program and its arguments; empty for a shell.',
  })
  @IsArray()
  @IsString({ each: true })
  command!: string[];
}
