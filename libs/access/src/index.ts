import { CreateTokens1797000000000 } from './migrations/1797000000000-create-tokens';
import { TokenEntity } from './tokens.entity';

export { AccessModule } from './access.module';
export { ACTIONS, TASK_ACTIONS, type Action } from './actions';
export { PolicyModule } from './policy.module';
export { PolicyService } from './policy.service';
export { TokensService, type TokenHolder, type TokenRequest } from './tokens.service';

export const ACCESS_ENTITIES = [TokenEntity];
export const ACCESS_MIGRATIONS = [CreateTokens1797000000000];
