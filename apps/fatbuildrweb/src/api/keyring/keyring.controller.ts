import { Body, Get, Header, Post } from '@nestjs/common';
import { ApiOkResponse, ApiProduces } from '@nestjs/swagger';
import { parseDuration } from '@fatbuildr/config';
import type { Instance } from '@fatbuildr/instances';
import { KeyringService } from '@fatbuildr/keyring';
import { CurrentInstance } from '../../auth/current.decorators';
import { ApiController, Operation } from '../api-controller.decorator';
import {
  CurrentSubmission,
  Submission,
  type SubmissionCall,
} from '../submissions/submission.decorators';
import { Submissions } from '../submissions/submissions';
import type { TaskDto } from '../tasks/task.dto';
import { KeyringDto, KeyringRenewalDto } from './keyring.dto';

/** The key that signs what an instance publishes. */
@ApiController('keyring')
export class KeyringController {
  constructor(
    private readonly keyring: KeyringService,
    private readonly submissions: Submissions,
  ) {}

  @Get('keyring')
  @Operation('Show the key', 'view-keyring')
  @ApiOkResponse({ type: KeyringDto })
  getKeyring(@CurrentInstance() instance: Instance): Promise<KeyringDto> {
    return this.keyring.describe(instance);
  }

  @Get('keyring/public-key')
  @Header('content-type', 'text/plain; charset=utf-8')
  @Operation('Show the armored public key', 'view-keyring')
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string' } })
  exportKeyring(@CurrentInstance() instance: Instance): Promise<string> {
    return this.keyring.export(instance);
  }

  @Post('keyring')
  @Submission('Create the key', 'edit-keyring')
  createKeyring(@CurrentSubmission() call: SubmissionCall): Promise<TaskDto> {
    return this.submissions.submit(call, { name: 'keyring creation' });
  }

  @Post('keyring/renewal')
  @Submission('Give the key another expiry', 'edit-keyring')
  renewKeyring(
    @CurrentSubmission() call: SubmissionCall,
    @Body() { duration }: KeyringRenewalDto,
  ): Promise<TaskDto> {
    // Refused now and not in the queue.
    parseDuration(duration);
    return this.submissions.submit(call, { name: 'keyring renewal', duration });
  }
}
