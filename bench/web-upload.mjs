// A large upload: the server hands it to the disk as it comes.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PLACE } from './listing-home.mjs';
import { compared, forgetPeak, peakMegabytes } from './table.mjs';

const MEGABYTE = 1024 * 1024;
/** Of the upload before, after which all there is of the server is in memory. */
const SMALL = 32 * MEGABYTE;
const LARGE = 1024 * MEGABYTE;
/** Of the memory that the small one takes. */
const GROWTH = 1.3;

const BOUNDARY = 'bench-boundary';
const ARCHIVE = 'bench_1.tar.xz';
const FIELDS = {
  ...PLACE,
  artifact: 'bench',
  user_name: 'Bench',
  user_email: 'bench@acme.example',
  message: 'Large',
};

export async function measureUpload({ client, server, signal, say }) {
  const measure = async (size) => {
    say(`an upload of ${size / MEGABYTE} MB`);
    await forgetPeak(server.pid);
    const id = await upload(server.url, size, signal);
    const peak = await peakMegabytes(server.pid);
    await check(client, id, size);
    return peak;
  };
  const before = await measure(SMALL);
  const peak = await measure(LARGE);
  const name = 'web: memory while 1 GB is uploaded, beside 32 MB';
  return [compared(name, peak, before, 'MB', GROWTH)];
}

/** @returns the task that was submitted; its archive holds no sources, so that it fails */
async function upload(url, size, signal) {
  const asked = request(`${url}/api/v1/instances/default/builds`, {
    method: 'POST',
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    signal,
  });
  const [[answer]] = await Promise.all([
    once(asked, 'response'),
    pipeline(Readable.from(form(size)), asked),
  ]);
  let text = '';
  for await (const chunk of answer) text += chunk;
  if (answer.statusCode !== 202)
    throw new Error(`the upload is answered ${answer.statusCode}: ${text}`);
  return JSON.parse(text).id;
}

function* form(size) {
  const part = (name, more = '') =>
    `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n`;
  for (const [name, value] of Object.entries(FIELDS)) yield `${part(name)}${value}\r\n`;
  yield `${part('tarball', '; filename="definition.tar"')}none\r\n`;
  yield part(`source/${FIELDS.artifact}`, `; filename="${ARCHIVE}"`);
  const piece = randomBytes(MEGABYTE / 16);
  for (let left = size; left > 0; left -= piece.length) yield piece;
  yield `\r\n--${BOUNDARY}--\r\n`;
}

async function check(client, id, size) {
  const { place } = await client.task(id);
  const { size: received } = await stat(join(place, 'archives', ARCHIVE));
  if (received !== size) throw new Error(`${received} of ${size} bytes were received`);
}
