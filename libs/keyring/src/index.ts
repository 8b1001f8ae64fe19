export { KeyringModule } from './keyring.module';
export { type KeyringOwner, KeyringService } from './keyring.service';
