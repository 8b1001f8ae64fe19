import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { JournalDecoder, type TaskDescription } from '@fatbuildr/protocol';
import { WebHost } from './support/web-host';

jest.setTimeout(60_000);

const web = new WebHost();
const { tasks } = web;
let user: string;

beforeAll(async () => {
  await tasks.start();
  await web.start({ FATBUILDR_WEB_MAX_UPLOAD: '1MB' });
  user = await web.token('ada');
  await tasks.startWorkers();
}, 120_000);

afterAll(async () => {
  await web.stop();
  await tasks.stop();
  await tasks.remove();
});

afterEach(() => {
  tasks.work = () => Promise.resolve();
});

const FIELDS = {
  ...{ format: 'deb', distribution: 'bookworm', architectures: 'x86_64', derivative: 'main' },
  ...{ artifact: 'hello', user_name: 'Grace Hopper', user_email: 'grace@acme.example' },
  message: 'First\n\nbuild',
};

type Part = [name: string, content: string | Buffer, filename?: string];

const BOUNDARY = 'a-boundary';
const MULTIPART = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };

function form(...parts: Part[]): Buffer {
  const pieces = parts.flatMap(([name, content, filename]) => [
    Buffer.from(
      `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"` +
        `${filename === undefined ? '' : `; filename="${filename}"`}\r\n\r\n`,
    ),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...pieces, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

const fields = (changed: Record<string, string> = {}): Part[] =>
  Object.entries({ ...FIELDS, ...changed });

function submit(body: Buffer): ReturnType<WebHost['ask']> {
  const headers = { ...MULTIPART, authorization: `Bearer ${user}` };
  return web.ask('/default/build', { method: 'POST', headers, body });
}

async function json<T>(path: string): Promise<T> {
  const { status, body } = await web.ask(path, { headers: { authorization: `Bearer ${user}` } });
  if (status !== 200) throw new Error(`${path} answered ${status}: ${body}`);
  return JSON.parse(body) as T;
}

/** Folders of uploads under way. */
async function uploads(): Promise<string[]> {
  const root = join(web.home, 'tmp/uploads');
  const owners = await readdir(root).catch(() => []);
  return (await Promise.all(owners.map((owner) => readdir(join(root, owner))))).flat();
}

/** Work that goes on until the test says otherwise. */
function held(): { release: () => void } {
  let release!: () => void;
  const released = new Promise<void>((resolve) => (release = resolve));
  tasks.work = async ({ journal }) => {
    journal.log('info', 'at work');
    await released;
    journal.log('info', 'released');
  };
  return { release };
}

describe('a submitted build', () => {
  it('becomes a task of the token with the author of the form, and its files', async () => {
    const { release } = held();
    const { status, headers, body } = await submit(
      form(
        ...fields(),
        ['tarball', 'definition', 'hello.tar.xz'],
        ['source/hello', 'archive', 'hello_1.0.tar.xz'],
      ),
    );
    expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    const { task: id } = JSON.parse(body) as { task: string };
    await tasks.begun(id);
    const task = await json<TaskDescription>(`/default/tasks/${id}.json`);
    expect(task).toMatchObject({
      ...{ id, user: 'ada', name: 'artifact build', state: 'running', result: 'unknown' },
      ...{ format: 'deb', distribution: 'bookworm', derivative: 'main', architectures: ['x86_64'] },
      ...{ author: 'Grace Hopper', email: 'grace@acme.example', message: 'First\n\nbuild' },
      archives: [{ id: 'hello', path: join(task.place, 'archives/hello_1.0.tar.xz') }],
    });
    expect(await readFile(join(task.place, 'definition.archive'), 'utf8')).toBe('definition');
    expect(await readFile(join(task.place, 'archives/hello_1.0.tar.xz'), 'utf8')).toBe('archive');
    expect(await uploads()).toEqual([]);
    expect(await json('/default/running.json')).toMatchObject({ id });
    release();
    await tasks.ended(id);
    expect(await json('/default/running.json')).toBeNull();
    expect(await json('/default/queue.json')).toEqual([]);
    expect(await json(`/default/tasks/${id}.json`)).toMatchObject({ result: 'success' });
  });

  it('may come twice at once under the same names', async () => {
    const body = (text: string) => form(...fields(), ['tarball', text, 'same.tar.xz']);
    const answers = await Promise.all([submit(body('one')), submit(body('two'))]);
    const contents = answers.map(async (answer) => {
      const { task } = JSON.parse(answer.body) as { task: string };
      const { place } = await tasks.ended(task);
      return readFile(join(place, 'definition.archive'), 'utf8');
    });
    expect((await Promise.all(contents)).sort()).toEqual(['one', 'two']);
  });

  const tarball: Part = ['tarball', 'x', 'x.tar.xz'];
  it.each<[string, Part[], number, string]>([
    ['an unknown field', [...fields(), ['colour', 'red'], tarball], 400, 'the form has no field'],
    ['a field twice', [...fields(), ['format', 'deb'], tarball], 400, 'it is there twice'],
    ['an unknown file', [...fields(), ['virus', 'x', 'x']], 400, 'there is no file'],
    ['a missing definition', fields(), 400, 'the file "tarball" is missing'],
    ['a missing field', [['format', 'deb'], tarball], 400, 'missing: distribution, artifact'],
    [
      'an unknown distribution',
      [...fields({ distribution: 'sid' }), tarball],
      404,
      'no distribution',
    ],
    ['an unknown derivative', [...fields({ derivative: 'x' }), tarball], 404, 'no derivative'],
    ['an unknown format', [...fields({ format: 'rpm' }), tarball], 404, 'no format'],
    [
      'an unknown architecture',
      [...fields({ architectures: 'm68k' }), tarball],
      404,
      'no architecture',
    ],
    ['a name that leads away', [...fields({ artifact: '../x' }), tarball], 400, 'not the name'],
    ['an author of two lines', [...fields({ user_name: 'a\nb' }), tarball], 400, 'one line'],
    ['an address of two lines', [...fields({ user_email: 'a\r\nb' }), tarball], 400, 'one line'],
    [
      'a message that plays the terminal',
      [...fields({ message: 'a\u001b[2J' }), tarball],
      400,
      'control',
    ],
    [
      'a source of a bad name',
      [...fields(), tarball, ['source', 'x', '.hidden']],
      400,
      'must be called',
    ],
    [
      'sources of one name',
      [...fields(), tarball, ['source/a', 'x', 'y'], ['source/b', 'x', 'y']],
      400,
      'same file name',
    ],
    ['too much', [...fields(), ['tarball', Buffer.alloc(2e6), 'x']], 413, 'max_upload'],
  ])('is refused for %s, and leaves nothing', async (_what, parts, status, reason) => {
    const before = await tasks.workspaces();
    const answer = await submit(form(...parts));
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      status,
      { error: expect.stringContaining(reason) as string },
    ]);
    expect(await tasks.workspaces()).toEqual(before);
    expect(await uploads()).toEqual([]);
  });

  it('is refused before its files are there', async () => {
    const begun = form(...fields({ distribution: 'sid' }), tarball).subarray(0, -18);
    const asked = request(`${web.url}/default/build`, {
      method: 'POST',
      headers: { ...MULTIPART, authorization: `Bearer ${user}` },
    });
    asked.on('error', () => undefined);
    asked.write(begun);
    // The answer comes although the body never ends.
    const [answer] = (await once(asked, 'response')) as [{ statusCode: number }];
    expect(answer.statusCode).toBe(404);
    asked.destroy();
  });

  it('that breaks off leaves nothing', async () => {
    const asked = request(`${web.url}/default/build`, {
      method: 'POST',
      headers: { ...MULTIPART, authorization: `Bearer ${user}` },
    });
    asked.on('error', () => undefined);
    asked.write(form(...fields(), ['tarball', 'x'.repeat(1000), 'x']).subarray(0, -200));
    while ((await uploads()).length === 0) await new Promise(setImmediate);
    asked.destroy();
    while ((await uploads()).length > 0) await new Promise(setImmediate);
  });

  it.each([
    ['no form at all', { 'content-type': 'application/json' }, Buffer.from('{}'), 415],
    ['a form without a boundary', { 'content-type': 'multipart/form-data' }, form(tarball), 400],
    ['a form that is torn', MULTIPART, form(...fields(), tarball).subarray(0, -10), 400],
  ])('is refused when it is %s', async (_what, type, body, status) => {
    const headers = { ...type, authorization: `Bearer ${user}` };
    const answer = await web.ask('/default/build', { method: 'POST', headers, body });
    expect([answer.status, answer.body]).toEqual([status, expect.stringContaining('"error"')]);
    expect(await uploads()).toEqual([]);
  });
});

describe('a journal', () => {
  it('is followed while its task runs, to the last record', async () => {
    const { release } = held();
    const id = await tasks.submit();
    await tasks.begun(id);
    const answer = await fetch(`${web.url}/default/watch/${id}.journal`, {
      headers: { authorization: `Bearer ${user}` },
    });
    expect(answer.headers.get('x-accel-buffering')).toBe('no');
    const decoder = new JournalDecoder();
    const messages: string[] = [];
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      for (const message of decoder.push(Buffer.from(chunk))) {
        if (message.command === 'log') messages.push(message.message);
      }
      // Only what arrives before the end lets the task end.
      if (messages.includes('at work')) release();
    }
    expect(messages).toEqual(await tasks.messages(id));
    expect(messages.at(-1)).toBe('Task succeeded');
  });

  it('of an ended task is sent whole', async () => {
    const id = await tasks.submit();
    const { io } = await tasks.ended(id);
    const { bytes } = await web.ask(`/default/watch/${id}.journal`, {
      headers: { authorization: `Bearer ${user}` },
    });
    expect(bytes.equals(await readFile(io.journal.path))).toBe(true);
  });

  it('of a task that waits begins when it starts', async () => {
    const { release } = held();
    const first = await tasks.submit();
    await tasks.begun(first);
    const second = await tasks.submit();
    const answer = web.ask(`/default/watch/${second}.journal`, {
      headers: { authorization: `Bearer ${user}` },
    });
    release();
    const messages = new JournalDecoder().push((await answer).bytes);
    expect(messages.at(-1)).toMatchObject({ message: 'Task succeeded' });
  });
});

describe('clients that are slow or wrong', () => {
  const slow = new WebHost();

  beforeAll(async () => {
    await slow.start(
      {},
      { patience: { headers: 400, silence: 20_000, request: 60_000, refused: 200 } },
    );
  }, 60_000);

  afterAll(async () => {
    await slow.stop();
    await slow.tasks.remove();
  });

  it('that never end their headers are cut off', async () => {
    expect(await slow.raw('GET /version HTTP/1.1\r\nhost: x\r\nx-a: b\r\n')).toMatch(
      /^HTTP\/1.1 408/,
    );
  });

  it('that never end what is refused are cut off after the answer', async () => {
    const answer = await slow.raw(
      'POST /default/build HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=b\r\n' +
        'content-length: 1000\r\n\r\n--b\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1.1 403/);
  });

  it('are told that nothing can be changed while the queue is away, and read on', async () => {
    const token = await slow.token('ada');
    const body = form(...fields(), ['tarball', 'x', 'x']);
    const headers = { ...MULTIPART, authorization: `Bearer ${token}` };
    const answer = await slow.ask('/default/build', { method: 'POST', headers, body });
    expect([answer.status, answer.body]).toEqual([503, expect.stringContaining('does not answer')]);
    const queue = await slow.ask('/default/queue.json', { headers });
    expect([queue.status, queue.body]).toEqual([200, '[]']);
  }, 30_000);

  it.each([
    ['/default/tasks/a%0d%0aset-cookie:%20x=y.json', 404],
    ['/default/keyring.asc%0d%0ax:y', 404],
    ['/default/%0a[fatbuildrweb]%20forged', 404],
    ['/%', 400],
  ])('put nothing of theirs into headers: %s', async (path, status) => {
    const token = await slow.token('ada');
    const answer = await slow.ask(path, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(status);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.body).not.toMatch(/[\r\n]/);
  });
});

describe('a leftover of a server that was killed', () => {
  it('is removed by the next one', async () => {
    const next = new WebHost();
    const { hostname } = await import('node:os');
    const dead = join(next.home, 'tmp/uploads', `${hostname()}:999999999:1`);
    await (await import('node:fs/promises')).mkdir(dead, { recursive: true });
    await writeFile(join(dead, 'half'), 'x');
    await next.start();
    expect(await readdir(join(next.home, 'tmp/uploads'))).toEqual([]);
    await next.stop();
    await next.tasks.remove();
  });
});
