// Many clients that follow the log of one task: each gets all of it, soon, and the server keeps none of it.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { createInterface } from 'node:readline';
import { LINE } from './talking-hook.mjs';
import { alone, compared, forgetPeak, peakMegabytes } from './table.mjs';

const FOLLOWERS = 200;
/** Lines of the log, and of the one before, after which all there is of the server is in memory. */
const LONG = 10_000;
const SHORT = 1_000;
/** Milliseconds from a line being printed to a client having it. */
const LAG = 1000;
/** Of the memory that the short log takes. */
const GROWTH = 1.3;
/** Starts the lines of server-sent events that hold something. */
const DATA = 'data: ';

export async function measureFollowers(bench) {
  const { peak: before } = await measureLog(bench, SHORT);
  const { peak, lags } = await measureLog(bench, LONG);
  const name = `web: memory while ${FOLLOWERS} clients follow a log of ${size(LONG)}`;
  return [
    alone(`web: lag of a line for ${FOLLOWERS} clients, 99 of 100`, p99(lags), 'ms', LAG),
    compared(`${name}, beside one of ${size(SHORT)}`, peak, before, 'MB', GROWTH),
  ];
}

/** @returns milliseconds that output took, and the most memory of the server while it did */
async function measureLog({ client, server, hook, signal, say }, lines) {
  const id = await client.keyringCreate();
  const agent = new Agent();
  const leave = () => agent.destroy();
  signal.addEventListener('abort', leave);
  try {
    const url = `${server.url}/api/v1/instances/default/tasks/${id}/journal`;
    const all = await Promise.all(Array.from({ length: FOLLOWERS }, () => connect(url, agent)));
    say(`${FOLLOWERS} clients follow a log of ${size(lines)}`);
    await forgetPeak(server.pid);
    await hook.say(lines);
    const lags = [];
    const received = await Promise.all(all.map((answer) => follow(answer, lags)));
    const [{ digest }] = received;
    const whole = received.filter((one) => one.bytes === lines * LINE && one.digest === digest);
    if (whole.length < FOLLOWERS) {
      throw new Error(`${FOLLOWERS - whole.length} clients did not get the whole log`);
    }
    return { lags, peak: await peakMegabytes(server.pid) };
  } finally {
    signal.removeEventListener('abort', leave);
    leave();
    await hook.hush();
  }
}

async function connect(url, agent) {
  const headers = { accept: 'text/event-stream' };
  const [answer] = await once(get(url, { agent, headers }), 'response');
  if (answer.statusCode !== 200) throw new Error(`${url} is answered ${answer.statusCode}`);
  return answer;
}

/** @returns what was received of the output */
async function follow(answer, lags) {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const line of createInterface({ input: answer })) {
    const { command, data } = line.startsWith(DATA) ? JSON.parse(line.slice(DATA.length)) : {};
    if (command !== 'output') continue;
    const output = Buffer.from(data, 'base64');
    hash.update(output);
    bytes += output.length;
    const [, printed] = /^(\d{13}) \d+\.*$/m.exec(output.toString()) ?? [];
    if (printed !== undefined) lags.push(Date.now() - Number(printed));
  }
  return { bytes, digest: hash.digest('hex') };
}

const size = (lines) => `${(lines * LINE) / 1e6} MB`;

const p99 = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length * 0.99)];
