import { Body, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse } from '@nestjs/swagger';
import { TokensService } from '@fatbuildr/access';
import type { Instance } from '@fatbuildr/instances';
import { notAllowed } from '../../auth/auth.errors';
import type { Caller } from '../../auth/caller';
import { CurrentCaller, CurrentInstance } from '../../auth/current.decorators';
import { ApiController, Operation } from '../api-controller.decorator';
import { widerToken } from '../api.errors';
import { IssuedTokenDto, TokenDto, TokenRequestDto } from './token.dto';

const OWN = 'Callers see and revoke their own; with the action `manage-token` those of everybody.';

/** The tokens by which callers are known. */
@ApiController('tokens')
export class TokensController {
  constructor(private readonly tokens: TokensService) {}

  @Get('tokens')
  @Operation('List tokens that are valid, newest first', 'none', OWN)
  @ApiOkResponse({ type: [TokenDto] })
  listTokens(
    @CurrentInstance() instance: Instance,
    @CurrentCaller() caller: Caller,
  ): Promise<TokenDto[]> {
    return this.tokens.list(instance.id, { user: ownerFor(caller) });
  }

  @Post('tokens')
  @Operation(
    'Issue a token for oneself',
    'manage-token',
    'It can do no more than the token of the request.',
  )
  @ApiBody({ type: TokenRequestDto, required: false })
  @ApiCreatedResponse({ type: IssuedTokenDto })
  async issueToken(
    @CurrentInstance() instance: Instance,
    @CurrentCaller() caller: Caller,
    @Body() request: TokenRequestDto | undefined,
  ): Promise<IssuedTokenDto> {
    const { user, token: presented } = caller;
    if (user === undefined) throw notAllowed(caller, 'manage-token');
    const limits: readonly string[] | undefined = presented?.scopes;
    const scopes = request?.scopes ?? limits;
    const wider = scopes?.filter((scope) => limits?.includes(scope) === false) ?? [];
    if (wider.length > 0) throw widerToken(wider);
    const issued = await this.tokens.issue(instance.id, { ...request, user, scopes });
    return { ...issued.description, token: issued.token };
  }

  @Delete('tokens/:id')
  @HttpCode(204)
  @Operation('Revoke a token', 'none', OWN)
  @ApiNoContentResponse()
  async revokeToken(
    @CurrentInstance() instance: Instance,
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
  ): Promise<void> {
    const { token } = caller;
    // One that is limited must not lock its user out.
    if (token?.scopes !== undefined && token.id !== id && !caller.may('manage-token')) {
      throw notAllowed(caller, 'manage-token');
    }
    await this.tokens.revoke(instance.id, id, ownerFor(caller));
  }
}

/** Whose tokens a caller may see and revoke; `undefined`: everybody's. */
function ownerFor(caller: Caller): string | undefined {
  if (caller.may('manage-token')) return undefined;
  if (caller.user === undefined) throw notAllowed(caller, 'manage-token');
  return caller.user;
}
