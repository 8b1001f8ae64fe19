export { KeyringModule } from './keyring.module';
export { type KeyringOwner, KeyringService, PUBLIC_KEYS_ONLY } from './keyring.service';
