import { ApiProperty } from '@nestjs/swagger';
import { IsString } from 'class-validator';

class SubkeyDto {
  @ApiProperty()
  fingerprint!: string;

  @ApiProperty({ example: 'RSA (4096)' })
  algo!: string;

  @ApiProperty({ example: 'never', description: '`YYYY-MM-DD HH:MM:SS` in UTC, or `never`.' })
  expires!: string;

  @ApiProperty({ description: '`YYYY-MM-DD HH:MM:SS` in UTC.' })
  creation!: string;
}

export class KeyringDto extends SubkeyDto {
  @ApiProperty({ example: 'ACME Packages <packages@acme.example>' })
  userid!: string;

  @ApiProperty({ description: 'The last 16 digits of the fingerprint.' })
  id!: string;

  @ApiProperty({ description: '`YYYY-MM-DD HH:MM:SS` in UTC.' })
  last_update!: string;

  @ApiProperty({ type: SubkeyDto, description: 'The key that signs.' })
  subkey!: SubkeyDto;
}

export class KeyringRenewalDto {
  @ApiProperty({
    example: '2y',
    description: 'From now on: `10` (days), `3w`, `6m`, `2y`; `0`: never expires.',
  })
  @IsString()
  duration!: string;
}
