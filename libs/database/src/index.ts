export { DatabaseModule, type DatabaseContents } from './database.module';
export { Database } from './database.service';
export { wholeNumber } from './whole-number';
