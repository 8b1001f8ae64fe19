import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ACTIONS } from '@fatbuildr/access';
import { IsArray, IsIn, IsInt, IsOptional, IsString, Min } from 'class-validator';

export class TokenDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty()
  user!: string;

  @ApiProperty()
  description!: string;

  @ApiProperty({
    type: [String],
    description: 'The actions it is limited to; none: everything its user may do.',
  })
  scopes!: string[];

  @ApiProperty({ type: 'integer', description: 'Seconds since the epoch.' })
  issued!: number;

  @ApiProperty({ type: 'integer', description: 'Seconds since the epoch.' })
  expires!: number;

  @ApiPropertyOptional({ type: 'integer', description: 'Seconds since the epoch, if it was.' })
  revoked?: number;

  @ApiPropertyOptional({
    type: 'integer',
    description: 'Its last use, to some minutes, seconds since the epoch.',
  })
  used?: number;
}

export class IssuedTokenDto extends TokenDto {
  @ApiProperty({ description: 'The token itself, which nobody can show again.' })
  token!: string;
}

export class TokenRequestDto {
  @ApiPropertyOptional({
    type: [String],
    enum: ACTIONS,
    description: 'Actions to limit it to; all its user may do without it.',
  })
  @IsOptional()
  @IsArray()
  @IsIn(ACTIONS, { each: true })
  scopes?: string[];

  @ApiPropertyOptional({ description: 'What it is for, one line.' })
  @IsOptional()
  @IsString()
  description?: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    description: 'How long it is valid; `[tokens] duration` without it, and never longer.',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  days?: number;
}
