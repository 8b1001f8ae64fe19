import { containerLimits, parseHardLimits } from './process-limits';

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max processes             unlimited            96365                processes
Max open files            1024                 unlimited            files
`;

describe('limits of containers', () => {
  it('reads hard limits, also unlimited ones', () => {
    expect(parseHardLimits(LIMITS)).toEqual({ processes: 96365, openFiles: undefined });
  });

  it('never asks for more than the process itself has', () => {
    expect(containerLimits({ openFiles: 20_000, processes: 500 }, 32_768)).toEqual({
      openFiles: 20_000,
      processes: 500,
    });
  });

  it('never asks for more than Podman keeps for itself', () => {
    expect(containerLimits({ openFiles: undefined, processes: 96_365 }, 32_768)).toEqual({
      openFiles: 1_048_576,
      processes: 32_768,
    });
  });
});
