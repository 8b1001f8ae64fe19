import { lacksRoom, RESERVE, withinDisk } from './disk-guard';

describe('an image that takes all of the disk', () => {
  const full = new Error('the disk is full');
  let left: number;
  beforeEach(() => (left = 2 * RESERVE));

  const guard = (work: (signal: AbortSignal) => Promise<unknown>) =>
    withinDisk('/anywhere', full, work, { free: () => Promise.resolve(left), interval: 1 });

  it('is stopped while there is room for others', async () => {
    const work = async (signal: AbortSignal) => {
      left = RESERVE - 1;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      signal.throwIfAborted();
    };
    await expect(guard(work)).rejects.toBe(full);
  });

  it('is not begun where there is none', async () => {
    left = RESERVE - 1;
    const work = jest.fn();
    await expect(guard(work)).rejects.toBe(full);
    expect(work).not.toHaveBeenCalled();
  });

  it('is made where it fits', async () => {
    expect(await guard(() => Promise.resolve('made'))).toBe('made');
  });

  it.each([
    ['cp: error writing: No space left on device', true],
    ["truncate: failed to truncate 'x' at 9 bytes: File too large", true],
    ['E: Unable to locate package', false],
  ])('is told by "%s": %s', (printed, told) => {
    expect(lacksRoom(printed)).toBe(told);
  });
});
