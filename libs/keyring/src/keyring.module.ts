import { Module } from '@nestjs/common';
import { KeyringService } from './keyring.service';

/** Keys of the instances and what they sign. */
@Module({ providers: [KeyringService], exports: [KeyringService] })
export class KeyringModule {}
