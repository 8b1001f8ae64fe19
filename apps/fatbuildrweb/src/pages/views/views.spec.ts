import { Instance } from '@fatbuildr/instances';
import type { TaskDescription } from '@fatbuildr/protocol';
import { Links } from '../frame/links';
import { dashboardView } from './dashboard.view';
import { historyFilter, historyView } from './history.view';
import { environmentView, imageState } from './images.view';
import { artifactView, derivativeView, publicationView, searchView, trail } from './registry.view';
import { submitView } from './submit.view';
import { taskPageView } from './task-page.view';
import { stepViews, taskView } from './task.view';
import { tokenView } from './tokens.view';

const links = new Links('/dev');
const now = Date.UTC(2026, 10, 25, 12);
const ID = '6f9619ff-8b86-4d01-b42d-00c04fc964ff';

const task = (more: Partial<TaskDescription> = {}): TaskDescription =>
  ({
    name: 'artifact build',
    format: 'deb',
    distribution: 'bookworm',
    architectures: ['x86_64', 'aarch64'],
    derivative: 'main',
    artifact: 'hello',
    author: 'Ann',
    email: 'ann@acme.example',
    message: 'New',
    archives: [],
    id: ID,
    user: 'ann',
    submission: now / 1000 - 120,
    place: '/nowhere',
    state: 'finished',
    result: 'success',
    io: { interactive: false, console: '/nowhere/console.sock', journal: { path: '/nowhere/j' } },
    sequence: 7,
    started: now / 1000 - 90,
    ended: now / 1000 - 30,
    steps: [],
    ...more,
  }) as TaskDescription;

describe('a task', () => {
  it('says what, where, how long and how it ended', () => {
    expect(taskView(task(), links, now)).toMatchObject({
      title: 'Build hello',
      detail: 'deb · bookworm · main · x86_64 aarch64',
      href: `/dev/watch/${ID}.html`,
      status: 'success',
      duration: '1 min 00 s',
      submitted: { ago: '2 minutes ago' },
    });
  });

  it('counts the time of one that runs, and none of one that waits', () => {
    const { started, ended, ...waiting } = task({ state: 'pending' });
    expect([started, ended]).not.toContain(undefined);
    expect(taskView(waiting, links, now).duration).toBeUndefined();
    const running = { ...waiting, state: 'running' as const, started: now / 1000 - 5 };
    expect(taskView(running, links, now)).toMatchObject({ status: 'running', duration: '5.0 s' });
  });

  it.each([
    [{ name: 'image shell', format: 'deb' }, 'Shell in the deb image'],
    [
      { name: 'image build environment shell', environment: 'bookworm' },
      'Shell in environment bookworm',
    ],
  ])('says where a shell is: %p', (parameters, title) => {
    const shell = { ...task(), ...parameters } as TaskDescription;
    expect(taskView(shell, links, now).title).toBe(title);
  });

  it('of a kind that came later still has a title', () => {
    const later = { ...task(), name: 'moon landing' } as unknown as TaskDescription;
    expect(taskView(later, links, now).title).toBe('Moon landing');
  });

  it('shows the share of its steps', () => {
    const steps = [
      { name: 'unpack', started: now / 1000 - 10, duration: 500 },
      { name: 'source', started: now / 1000 - 2, duration: -1 },
      { name: 'publish', started: -1, duration: -1 },
    ];
    expect(stepViews(steps, now)).toEqual([
      { name: 'unpack', duration: '0.5 s', share: 25 },
      { name: 'source', duration: '2.0 s so far', share: 100 },
      { name: 'publish', duration: 'planned', share: 0 },
    ]);
  });
});

describe('the page of a task', () => {
  const page = (record: TaskDescription, allowed: string[], terminal: string | undefined = '/t') =>
    taskPageView(
      record,
      {
        files: [],
        followed: false,
        terminal,
        mayType: false,
        may: (action) => allowed.includes(action),
      },
      links,
      now,
    );

  it('offers what its reader may do, and what makes sense', () => {
    const running = task({ state: 'running' });
    expect(page(running, ['manage-task', 'build'])).toMatchObject({
      canCancel: true,
      canRetry: false,
    });
    expect(page(running, ['build'])).toMatchObject({ canCancel: false });
    expect(page(task(), ['manage-task', 'build'])).toMatchObject({
      canCancel: false,
      canRetry: true,
    });
    expect(page(task(), ['manage-task'])).toMatchObject({ canRetry: false });
  });

  it('has a terminal for interactive tasks while they live', () => {
    const io = { ...task().io, interactive: true };
    expect(page(task({ io, state: 'running' }), []).terminal).toBe('/t');
    expect(page(task({ io }), []).terminal).toBeUndefined();
    expect(page(task({ state: 'running' }), []).terminal).toBeUndefined();
  });
});

describe('the dashboard', () => {
  it('says why a task waits, and draws finished builds', () => {
    const view = dashboardView(
      {
        running: [task({ state: 'running' })],
        waiting: [task({ state: 'pending', waiting: 'the deb image' })],
        finished: [task(), task({ result: 'failed' }), task({ name: 'keyring creation' })],
      },
      links,
      now,
    );
    expect(view.waiting.map(({ waits }) => waits)).toEqual(['the deb image']);
    expect(view.chart?.bars).toHaveLength(2);
    expect(view.successRate).toBe('50 %');
  });
});

describe('the history', () => {
  it('leaves out of a query what makes no sense', () => {
    expect(
      historyFilter({ result: ['success'], kind: 'x', before: '1; drop', user: ' ', artifact: 7 }),
    ).toEqual({ states: ['finished'] });
    expect(
      historyFilter({ result: 'failed', kind: 'artifact build', before: '12', user: 'ann' }),
    ).toEqual({
      states: ['finished'],
      result: 'failed',
      name: 'artifact build',
      before: 12,
      user: 'ann',
    });
  });

  it('keeps the filters from page to page', () => {
    const filter = historyFilter({ artifact: 'a&b', before: '9' });
    const view = historyView([task(), task({ sequence: 3 })], filter, 1, links, now);
    expect(view.tasks).toHaveLength(1);
    expect(view.older).toBe('/dev/history?artifact=a%26b&before=7');
    expect(view.newer).toBe('/dev/history?artifact=a%26b');
    expect(historyView([task()], filter, 1, links, now).older).toBeUndefined();
  });
});

describe('the registries', () => {
  const place = { format: 'deb', distribution: 'bookworm', derivative: 'main' };
  const artifact = (name: string, version: string, architecture = 'src') => ({
    name,
    version,
    architecture,
    size: 1500,
  });

  it('list each artifact once, with its newest version', () => {
    const all = [artifact('a', '1'), artifact('a', '2'), artifact('a', '2', 'noarch')];
    const view = derivativeView(place, all, links);
    expect(view.sources).toMatchObject([{ name: 'a', version: '2', older: 1, size: '1.5 kB' }]);
    expect(view.others).toMatchObject([{ architecture: 'any architecture', older: 0 }]);
  });

  it('encode every part of an address', () => {
    const found = [{ ...place, distribution: '../x', artifact: artifact('a/?b"', '1') }];
    const [first] = searchView(found, links);
    expect(first!.href).toBe('/dev/registry/deb/..%2Fx/main/');
    expect(first!.artifacts[0]!.href).toBe('/dev/registry/deb/..%2Fx/main/src/a%2F%3Fb%22/');
  });

  it('lead back up from everywhere', () => {
    expect(trail(links, 'deb', 'bookworm')).toEqual([
      { title: 'Registries', href: '/dev/registry/' },
      { title: 'deb', href: '/dev/registry/deb/' },
      { title: 'bookworm' },
    ]);
  });

  it('show the newest version of an artifact, and all of them', () => {
    const view = artifactView(
      place,
      {
        versions: [artifact('a', '1'), artifact('a', '2')],
        changelog: [{ version: '2', author: 'A <a@b>', date: now / 1000, changes: ['<b>'] }],
        content: [{ path: './usr', type: 'd', size: 0 }],
        relatives: [artifact('a-doc', '2', 'noarch')],
      },
      links,
      now,
    );
    expect(view.artifact).toMatchObject({ version: '2', kind: 'source' });
    expect(view.versions.map(({ version }) => version)).toEqual(['2', '1']);
    expect(view.content).toEqual([{ path: './usr', kind: 'folder', size: '' }]);
  });

  it('name a few packages of a change, and its task if there was one', () => {
    const change = {
      ...{ id: 1, instance: 'dev', format: 'deb', distribution: 'bookworm', user: 'ann' },
      ...{ action: 'publish' as const, task: 'recovery', date: now },
      packages: ['a', 'b', 'c', 'd', 'e'],
    };
    expect(publicationView(change, links, now)).toMatchObject({
      packages: 'a, b, c and 2 others',
      href: undefined,
    });
    expect(publicationView({ ...change, task: ID }, links, now).href).toContain(ID);
  });
});

describe('images', () => {
  it('offer to create what is missing, once it can be created', () => {
    const environment = { name: 'bookworm', architecture: 'x86_64', distributions: ['bookworm'] };
    const missing = imageState(undefined, now);
    expect(environmentView(environment, missing, false).acts).toEqual([]);
    expect(environmentView(environment, missing, true).acts.map(({ path }) => path)).toEqual([
      'create',
    ]);
    const nobodyKnows = imageState(null, now);
    expect(environmentView(environment, nobodyKnows, true).acts.map(({ path }) => path)).toEqual([
      ...['shell', 'update', 'create'],
    ]);
  });
});

describe('tokens', () => {
  const token = {
    ...{ id: ID, user: 'ann', description: '', scopes: [] },
    ...{ issued: now / 1000 - 86_400, expires: now / 1000 + 86_400 },
  };
  it.each([
    ['valid', token, true],
    ['revoked', { ...token, revoked: now / 1000 }, false],
    ['expired', { ...token, expires: now / 1000 - 1 }, false],
  ])('are %s', (state, description, revocable) => {
    expect(tokenView(description, now)).toMatchObject({ state, revocable });
  });
});

describe('the form of a build', () => {
  const instance = new Instance({
    ...{ id: 'dev', name: 'Dev', gpg: { name: 'A', email: 'a@b.example' } },
    architectures: ['x86_64', 'aarch64'],
    pipelines: [
      {
        ...{ format: 'deb', distribution: 'bookworm', environment: 'bookworm', tag: undefined },
        mirror: undefined,
        components: undefined,
        modules: [],
      },
    ],
    derivatives: new Map([['extra', { formats: undefined, extends: 'main' }]]),
  });

  it('offers every pipeline with every derivative', () => {
    const [group] = submitView(instance).targets;
    expect(group!.targets.map(({ value }) => value)).toEqual([
      'deb/bookworm/main',
      'deb/bookworm/extra',
    ]);
  });

  it('shows again what was chosen', () => {
    const ticked = (view: ReturnType<typeof submitView>) =>
      view.architectures.filter((one) => one.ticked).map(({ name }) => name);
    expect(ticked(submitView(instance))).toEqual(['x86_64']);
    expect(ticked(submitView(instance, { 'architecture/aarch64': 'yes' }))).toEqual(['aarch64']);
  });
});
