// The web server under load: what it answers in a second, what hundreds of followers and a large upload cost.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fillHome, newHome, withDaemon } from './listing-home.mjs';
import { Served } from './served.mjs';
import { writeTalkingHook } from './talking-hook.mjs';
import { measureFollowers } from './web-followers.mjs';
import { LISTED, measureRequests } from './web-requests.mjs';
import { measureUpload } from './web-upload.mjs';

/** Everybody may do everything that is done here: who may what costs the same, whoever it is. */
const POLICY = `[roles]
anonymous
[anonymous]
actions = view-pipeline, view-registry, view-task, build
`;

export async function measureWeb({ root, home, runs, signal, say }) {
  const folder = join(home, 'web-bench');
  await newHome({ root, folder, signal });
  await fillHome({ root, folder, size: LISTED });
  await writeFile(join(folder, 'etc/policy.ini'), POLICY);
  const hook = await writeTalkingHook(folder);
  await writeFile(join(folder, 'etc/fatbuildr.ini'), `[tasks]\nhook = ${hook.program}\n`);
  const rows = await withDaemon({ root, folder, signal }, async (client) => {
    // Each on a server of its own: memory is measured from a state that nothing else has shaped.
    const withServer = async (measure) => {
      const server = await Served.start(join(root, 'bin/fatbuildrweb'), [
        ...['--home', folder, '--host', '127.0.0.1', '--port', '0'],
      ]);
      try {
        return await measure({ root, folder, client, server, runs, signal, say });
      } finally {
        await server.stop();
      }
    };
    return [
      ...(await withServer(measureRequests)),
      ...(await withServer((bench) => measureFollowers({ ...bench, hook }))),
      ...(await withServer(measureUpload)),
    ];
  });
  await rm(folder, { recursive: true });
  return rows;
}
