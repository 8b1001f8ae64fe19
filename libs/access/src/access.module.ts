import { Module } from '@nestjs/common';
import { TokensService } from './tokens.service';

/** Tokens of the HTTP interface, for every program that issues or takes them. */
@Module({ providers: [TokensService], exports: [TokensService] })
export class AccessModule {}
