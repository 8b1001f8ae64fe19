import { exhaustedResource } from './cgroup-counters';

describe('exhaustedResource', () => {
  it.each([
    ['/sys/fs/cgroup/memory.events:max 7\n/sys/fs/cgroup/memory.events:oom_kill 1\n', 'memory'],
    ['/sys/fs/cgroup/memory/memory.oom_control:oom_kill 12\n', 'memory'],
    ['/sys/fs/cgroup/pids/pids.events:max 3\n', 'processes'],
    [
      '/sys/fs/cgroup/memory.events:max 7\n/sys/fs/cgroup/memory.events:oom_kill 0\n' +
        '/sys/fs/cgroup/pids.events:max 0\n',
      undefined,
    ],
    ['', undefined],
  ])('reads %j as %s', (counters, resource) => {
    expect(exhaustedResource(counters)).toBe(resource);
  });
});
