/**
 * A client of another user: `node caller-process.cjs ADDRESS UID GID[,GID…]`. Each line of standard input is a
 * request, answered by one line: `{"value": …}` or `{"error": NAME, "text": …}`. Values of D-Bus variants are
 * written `{"signature": …, "value": …}`.
 */
const { mkdir, readFile, readdir, writeFile } = require('node:fs/promises');
const { dirname } = require('node:path');
const { createInterface } = require('node:readline');
const { Message, Variant, sessionBus } = require('dbus-next');

const [address, uid, gids] = process.argv.slice(2);
const groups = gids.split(',').map(Number);
// Modules are loaded by now: this user may have no access to the folder they are in.
process.setgroups(groups);
process.setgid(groups[0]);
process.setuid(Number(uid));

const bus = sessionBus({ busAddress: address, authMethods: ['EXTERNAL'] });

const variants = (_key, value) =>
  typeof value?.signature === 'string' && 'value' in value && Object.keys(value).length === 2
    ? new Variant(value.signature, value.value)
    : value;

const ACTS = {
  call: async (message) => (await bus.call(new Message(message))).body,
  own: (name) => bus.requestName(name, 4),
  list: (path) => readdir(path),
  read: (path) => readFile(path, 'utf8'),
  write: async (path) => {
    await mkdir(dirname(path), { mode: 0o700 });
    await writeFile(path, 'content', { mode: 0o600 });
  },
};

async function answer(line) {
  const { act, on } = JSON.parse(line, variants);
  try {
    return { value: await ACTS[act](on) };
  } catch (fault) {
    return { error: fault.type ?? fault.code ?? 'fault', text: fault.text ?? fault.message };
  }
}

(async () => {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
  }
  bus.disconnect();
})();
