import { Module } from '@nestjs/common';
import { AuditService } from './audit.service';
import { TokensService } from './tokens.service';

/** Tokens of the HTTP interface and the trail of changes, for every program that has to do with them. */
@Module({ providers: [TokensService, AuditService], exports: [TokensService, AuditService] })
export class AccessModule {}
