import { AuditEntity } from './audit.entity';
import { CreateTokens1797000000000 } from './migrations/1797000000000-create-tokens';
import { CreateAudit1797000000001 } from './migrations/1797000000001-create-audit';
import { TokenEntity } from './tokens.entity';

export { AccessModule } from './access.module';
export { ACTIONS, isChange, TASK_ACTIONS, type Action } from './actions';
export type { AuditEntity } from './audit.entity';
export {
  AuditService,
  type AuditEntry,
  type AuditedChange,
  type AuditQuery,
} from './audit.service';
export { PolicyModule } from './policy.module';
export { PolicyService } from './policy.service';
export { TokensService, type TokenHolder, type TokenRequest } from './tokens.service';

export const ACCESS_ENTITIES = [TokenEntity, AuditEntity];
export const ACCESS_MIGRATIONS = [CreateTokens1797000000000, CreateAudit1797000000001];
