import { JournalController } from './tasks/journal.controller';
import { TerminalRoute } from './tasks/terminal.route';

/** Layer B: the controllers of `/api/v1`. */
export const API_CONTROLLERS = [JournalController];

/** What they need beside the libs. */
export const API_PROVIDERS = [TerminalRoute];
