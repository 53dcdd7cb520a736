/** All tests: the vitest projects fast and slow, one after the other. The last line, also of .test-results/summary.txt, is `N passed, N failed` over both. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { installNatsServer } from './natsServer.mjs';
import { lacking as lackingNative } from './tfjsNative.mjs';

const folder = '.test-results';
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);

const lacking = installNatsServer();
const total = { passed: 0, failed: 0, skipped: 0 };
for (const project of ['fast', 'slow']) {
  const report = `${folder}/${project}.json`;
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--project', project, ...reporters],
    {
      stdio: 'inherit',
      env: { ...process.env, NO_COLOR: '1' },
    },
  );
  const { passed, failed, skipped } = countsOf(report);
  total.passed += passed;
  total.failed += status !== 0 && failed === 0 ? 1 : failed; // vitest itself failed: an error outside of any test, no test found, a crash
  total.skipped += skipped;
}
if (total.passed + total.failed === 0) total.failed = 1;

if (lacking !== undefined) console.log(`\n!!! THE SUITES OVER NATS DID NOT RUN: ${lacking} !!!`);
const unset = lackingNative();
if (unset !== undefined) console.log(`\n!!! THE SUITES OF NATIVE TENSORFLOW DID NOT RUN: ${unset} !!!`);
if (total.skipped > 0) console.log(`\n!!! ${total.skipped} TESTS WERE SKIPPED !!!`);
if (total.skipped > 0 && process.env.DISTILL_CLUSTER_SKIP_NOTHING) total.failed += 1;
const summary = `${total.passed} passed, ${total.failed} failed`;
writeFileSync(`${folder}/summary.txt`, `${summary}\n`);
console.log(`\n${summary}`);
process.exitCode = total.failed > 0 ? 1 : 0;

/** Counts of vitest's JSON report; a file that failed without a failed test, because it could not even be loaded, counts as one. */
function countsOf(report) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  let files = [];
  try {
    files = JSON.parse(readFileSync(report, 'utf8')).testResults;
  } catch {
    // no report: the exit code tells
  }
  for (const { status, assertionResults } of files) {
    const states = assertionResults.map(test => test.status);
    counts.passed += states.filter(state => state === 'passed').length;
    const failed = states.filter(state => state === 'failed').length;
    counts.failed += status === 'failed' ? Math.max(1, failed) : failed;
    counts.skipped += states.filter(state => state !== 'passed' && state !== 'failed').length;
  }
  return counts;
}
