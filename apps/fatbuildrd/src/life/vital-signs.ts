import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InstancesService } from '@fatbuildr/instances';
import { TasksService, type TaskLoad } from '@fatbuildr/tasks';
import { InstanceWorkers } from '../processors/instance-workers';

/** Whether the daemon still does what it is there for. */
@Injectable()
export class VitalSigns {
  /** How many tasks had begun when tasks were first seen to wait for nothing. */
  private idleSince: number | undefined;

  constructor(
    private readonly instances: InstancesService,
    private readonly tasks: TasksService,
    private readonly workers: InstanceWorkers,
  ) {}

  load(): Promise<TaskLoad> {
    return this.tasks.load(this.instances.list().map(({ id }) => id));
  }

  /**
   * Looks at database, queue server and workers.
   *
   * @param patienceMs milliseconds for an answer of each
   * @returns how many tasks there are
   * @throws Error that says what does not answer; workers are stuck when tasks wait, none is at work, and
   *   none has begun since the look before this one
   */
  async check(patienceMs: number): Promise<TaskLoad> {
    const load = await within(patienceMs, 'the database', this.load());
    await within(patienceMs, 'the server of the queues', this.tasks.queuesAnswer());
    const { alive, gate } = this.workers;
    if (!alive) throw new Error('a worker has ended');
    if (load.pending === 0 || gate.working > 0 || gate.held) this.idleSince = undefined;
    else if (this.idleSince === gate.passed) throw new Error(stuck(load.pending));
    else this.idleSince = gate.passed;
    return load;
  }
}

const stuck = (pending: number) =>
  `the workers are stuck: ${pending} tasks wait, none is at work and none begins`;

async function within<T>(patienceMs: number, who: string, answer: Promise<T>): Promise<T> {
  const given = new AbortController();
  const silence = delay(patienceMs, undefined, { signal: given.signal }).then(() => {
    throw new Error(`${who} does not answer within ${patienceMs / 1000} s`);
  });
  // Whichever of the two is late has nobody who waits for it.
  silence.catch(() => undefined);
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, silence]);
  } finally {
    given.abort();
  }
}
