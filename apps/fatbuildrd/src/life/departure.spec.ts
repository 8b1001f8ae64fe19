import type { BusService } from '../dbus/bus.service';
import { TaskGate } from '../processors/task-gate';
import type { InstanceWorkers } from '../processors/instance-workers';
import { Departure } from './departure';
import type { ServiceManager } from './service-manager';
import type { VitalSigns } from './vital-signs';

describe('a daemon that leaves for want of work', () => {
  let acts: string[];
  let gate: TaskGate;
  beforeEach(() => {
    acts = [];
    gate = new TaskGate();
  });

  /** @param submitted how many tasks the last calls have left */
  function leave(replaceable: boolean, submitted: number): Promise<boolean> {
    const act =
      (name: string) =>
      (...args: unknown[]): Promise<void> => {
        acts.push([name, ...args].join(' '));
        return Promise.resolve();
      };
    const bus = {
      startsUs: () => Promise.resolve(replaceable),
      releaseName: act('release name'),
      takeName: act('take name'),
      startSuccessor: act('start successor'),
    };
    const departure = new Departure(
      bus as unknown as BusService,
      { gate } as InstanceWorkers,
      { stopping: act('tell systemd') } as unknown as ServiceManager,
      { load: () => Promise.resolve({ pending: submitted, running: 0 }) } as unknown as VitalSigns,
    );
    return departure.leave({ leaving: act('mark lock') });
  }

  it('tells systemd and the lock before it releases its name, and begins no task', async () => {
    expect(await leave(true, 0)).toBe(true);
    expect(acts).toEqual(['mark lock', 'tell systemd idle, leaving', 'release name']);
    expect(gate.held).toBe(true);
  });

  it('has a successor started for a task that the last call has left', async () => {
    expect(await leave(true, 1)).toBe(true);
    expect(acts.slice(-2)).toEqual(['release name', 'start successor']);
    expect(gate.held).toBe(true);
  });

  it('leaves a bus that starts nobody', async () => {
    expect(await leave(false, 0)).toBe(true);
    expect(acts).toEqual(['mark lock', 'release name']);
  });

  it('stays for a task that the last call has left where nobody else would run it', async () => {
    expect(await leave(false, 1)).toBe(false);
    expect(acts).toEqual(['mark lock', 'release name', 'mark lock false', 'take name']);
    expect(gate.held).toBe(false);
  });
});
