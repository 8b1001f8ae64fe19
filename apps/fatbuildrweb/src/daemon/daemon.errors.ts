import { FatbuildrError } from '@fatbuildr/errors';

export const queueUnreachable = () =>
  new FatbuildrError(
    'DAEMON.UNREACHABLE',
    'nothing can be changed now: the queue of tasks does not answer; ask the administrator whether fatbuildrd (or the Redis of [queue] redis) runs',
  );
