import { TaskHost, untilAborted } from './support/task-host';

describe('the time limit of tasks', () => {
  const host = new TaskHost();

  beforeEach(() => host.start({ FATBUILDR_TASKS_TIME_LIMIT: '1s' }));
  afterEach(() => host.stop());
  afterAll(() => host.remove());

  it('ends one that runs longer, with that reason, and the next one runs', async () => {
    host.work = untilAborted;
    await host.startWorkers();
    const endless = await host.submit();
    await host.begun(endless);
    host.work = () => Promise.resolve();
    const next = await host.submit();
    expect(await host.ended(endless)).toMatchObject({
      result: 'failed',
      reason: 'it ran longer than the 1s that [tasks] time_limit allows',
    });
    expect((await host.messages(endless)).at(-1)).toMatch(/^Task failed: it ran longer than/);
    expect(await host.ended(next)).toMatchObject({ result: 'success' });
  });

  it('does not count the time a task waits', async () => {
    host.work = untilAborted;
    await host.startWorkers();
    const endless = await host.submit();
    await host.begun(endless);
    // It waits as long as the limit, until the one before it was ended.
    const patient = await host.submit();
    host.work = async ({ signal }) => signal.throwIfAborted();
    await host.ended(endless);
    expect(await host.ended(patient)).toMatchObject({ result: 'success' });
  });
});
