/** Milliseconds after which a fault that lasts is told again. */
const TOLD_AGAIN_MS = 10 * 60_000;

/**
 * Listener for the faults of a connection that is made again and again: the same one is told once in a
 * while. A daemon that left because it was idle took its Redis along, which is no news every second.
 */
export function onRepeatedFault(tell: (message: string) => void): (fault: Error) => void {
  let last = '';
  let told = 0;
  return ({ message }) => {
    const now = Date.now();
    if (message === last && now - told < TOLD_AGAIN_MS) return;
    [last, told] = [message, now];
    tell(message);
  };
}
