import { ApiProperty } from '@nestjs/swagger';

export class LinksDto {
  @ApiProperty({ description: 'Path of the resource itself.' })
  self!: string;
}

export class InstanceDto {
  @ApiProperty({ example: 'default' })
  id!: string;

  @ApiProperty({ example: 'Production' })
  name!: string;

  @ApiProperty({
    example: 'ACME Packages <packages@acme.example>',
    description: 'User id of the key that signs.',
  })
  userid!: string;

  @ApiProperty({ type: LinksDto })
  links!: LinksDto;
}
