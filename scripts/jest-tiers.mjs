// Runs tiers of tests one after the other and ends with one line of the sum: `N passed, N failed`, with
// `, N skipped` when there are any. Exits 1 when a test or a test file failed.
//
//   node scripts/jest-tiers.mjs TIER…          on the Node that runs this
//   FATBUILDR_TEST_COUNTS=FILE …               appends the same numbers to a file, for a caller that adds up
//   FATBUILDR_TEST_IMAGES=FOLDER …             keeps images there for the test files of several runs
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** How many files at a time, for tiers whose tests load the machine; long builds mostly keep one core busy each. */
const AT_ONCE = new Map([
  ['integration', 1],
  ['e2e', 1],
  ['long', 2],
]);

const tiers = process.argv.slice(2);
if (tiers.length === 0) {
  console.error('jest-tiers: name at least one tier: unit, integration, e2e');
  process.exit(2);
}

let running;
for (const signal of ['SIGINT', 'SIGTERM']) {
  // Jest gets a terminal's Ctrl-C by itself; what is sent to us alone is handed on, and both end together.
  process.on(signal, () => running?.kill(signal));
}

/** Runs one tier; answers its numbers, counting a test file that could not run as a failed test. */
async function runTier(tier, folder) {
  const report = join(folder, `${tier}.json`);
  const options = ['--selectProjects', tier, '--json', `--outputFile=${report}`];
  if (AT_ONCE.has(tier)) options.push(`--maxWorkers=${AT_ONCE.get(tier)}`);
  running = spawn(process.execPath, [join(root, 'node_modules/jest/bin/jest.js'), ...options], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [status, signal] = await once(running, 'exit');
  running = undefined;
  if (signal !== null || status === 130 || status === 143) {
    console.error(`jest-tiers: tier ${tier} was stopped (${signal ?? `status ${status}`})`);
    process.exit(130);
  }
  let result;
  try {
    result = JSON.parse(await readFile(report, 'utf8'));
  } catch {
    console.error(`jest-tiers: tier ${tier} left no report (jest exited with status ${status})`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return {
    passed: result.numPassedTests,
    // A fault outside of every test, such as an unmet threshold or no test at all, is a failure too.
    failed: failed === 0 && status !== 0 ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

const sum = { passed: 0, failed: 0, skipped: 0 };
const folder = await mkdtemp(join(tmpdir(), 'fatbuildr-tests-'));
process.env.FATBUILDR_TEST_IMAGES ??= join(folder, 'images');
try {
  for (const tier of tiers) {
    console.log(`\n== ${tier} tests (Node ${process.version})`);
    const counts = await runTier(tier, folder);
    for (const key of Object.keys(sum)) sum[key] += counts[key];
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

if (process.env.FATBUILDR_TEST_COUNTS) {
  await appendFile(
    process.env.FATBUILDR_TEST_COUNTS,
    `${sum.passed} ${sum.failed} ${sum.skipped}\n`,
  );
}
const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : '';
console.log(`\n${sum.passed} passed, ${sum.failed} failed${skipped}`);
process.exitCode = sum.failed > 0 ? 1 : 0;
