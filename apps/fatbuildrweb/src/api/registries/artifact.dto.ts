import { ApiProperty } from '@nestjs/swagger';
import { LinksDto } from '../instances/instance.dto';

export class ArtifactDto {
  @ApiProperty({ example: 'hello' })
  name!: string;

  @ApiProperty({ example: 'x86_64', description: 'Normalized; `src` for sources, `noarch`.' })
  architecture!: string;

  @ApiProperty({ example: '2.12-1' })
  version!: string;

  @ApiProperty({ type: 'integer', example: 56132, description: 'Bytes; -1 when unknown.' })
  size!: number;
}

export class ListedArtifactDto extends ArtifactDto {
  @ApiProperty({ type: LinksDto })
  links!: LinksDto;
}

export class FoundArtifactDto extends ListedArtifactDto {
  @ApiProperty({ example: 'deb' })
  format!: string;

  @ApiProperty({ example: 'bookworm' })
  distribution!: string;

  @ApiProperty({ example: 'main' })
  derivative!: string;
}

export class ChangelogEntryDto {
  @ApiProperty({ example: '2.12-1' })
  version!: string;

  @ApiProperty({ example: 'Jane Roe <jane@acme.example>' })
  author!: string;

  @ApiProperty({ type: 'integer', description: 'Seconds since the epoch.' })
  date!: number;

  @ApiProperty({ type: [String] })
  changes!: string[];
}

export class ContentMemberDto {
  @ApiProperty({ example: '/usr/bin/hello' })
  path!: string;

  @ApiProperty({ enum: ['f', 'd', 'l'], description: 'File, directory or link.' })
  type!: 'f' | 'd' | 'l';

  @ApiProperty({ type: 'integer', description: 'Bytes.' })
  size!: number;
}

export class PublicationDto {
  @ApiProperty({ type: 'integer' })
  id!: number;

  @ApiProperty({ enum: ['publish', 'delete', 'reindex', 'refresh'] })
  action!: string;

  @ApiProperty({ description: 'Id of the task that did it.' })
  task!: string;

  @ApiProperty()
  user!: string;

  @ApiProperty({ type: 'integer', description: 'Seconds since the epoch.' })
  date!: number;

  @ApiProperty({
    type: [String],
    example: ['main hello 2.12-1 x86_64'],
    description: '`<derivative> <name> <version> <architecture>` of what came or went.',
  })
  packages!: string[];
}
