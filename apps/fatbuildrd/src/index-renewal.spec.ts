import type { Configuration } from '@fatbuildr/config';
import type { InstancesService } from '@fatbuildr/instances';
import type { RegistriesService } from '@fatbuildr/registries';
import { IndexRenewal } from './index-renewal';

const HOUR = 3600 * 1000;

describe('the renewal of indices', () => {
  let asked: string[];
  let answer: () => Promise<string[]>;

  beforeEach(() => {
    jest.useFakeTimers();
    asked = [];
    answer = () => Promise.resolve([]);
  });
  afterEach(() => jest.useRealTimers());

  function renewal(validity: number | undefined): IndexRenewal {
    const registries = {
      resignDue: ({ id }: { id: string }) => {
        asked.push(id);
        return answer();
      },
    } as unknown as RegistriesService;
    const instances = {
      list: () => [{ id: 'one' }, { id: 'two' }],
    } as unknown as InstancesService;
    return new IndexRenewal(registries, instances, { registry: { validity } } as Configuration);
  }

  it('looks at every instance at start, and four times in the time of validity', async () => {
    const one = renewal(8 * HOUR);
    one.start();
    await jest.advanceTimersByTimeAsync(0);
    expect(asked).toEqual(['one', 'two']);
    await jest.advanceTimersByTimeAsync(8 * HOUR);
    expect(asked).toHaveLength(2 + 4 * 2);
    await one.stop();
    await jest.advanceTimersByTimeAsync(8 * HOUR);
    expect(asked).toHaveLength(2 + 4 * 2);
  });

  it('looks at start alone where indices do not expire', async () => {
    renewal(undefined).start();
    await jest.advanceTimersByTimeAsync(1000 * HOUR);
    expect(asked).toEqual(['one', 'two']);
  });

  it('goes on with the next instance, and later again, when one cannot be signed', async () => {
    answer = () => Promise.reject(new Error('no key'));
    const one = renewal(4 * HOUR);
    one.start();
    await jest.advanceTimersByTimeAsync(HOUR);
    expect(asked).toEqual(['one', 'two', 'one', 'two']);
    await one.stop();
  });
});
