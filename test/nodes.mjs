/** Runs the fast tests on other Node versions, which come as npm packages: npm run test:nodes [22 24 …] */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const versions = process.argv.length > 2 ? process.argv.slice(2) : ['22', '24'];
const folder = mkdtempSync(join(tmpdir(), 'nodes-'));
let failed = 0;
for (const version of versions) {
  const prefix = join(folder, version);
  const install = [
    'install',
    '--prefix',
    prefix,
    '--ignore-scripts',
    '--no-save',
    `node-${process.platform}-${process.arch}@${version}`,
  ];
  const installed = spawnSync('npm', install, { stdio: ['ignore', 'ignore', 'inherit'] });
  const node = join(prefix, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  const vitest = join('node_modules', 'vitest', 'vitest.mjs');
  const run =
    installed.status === 0
      ? spawnSync(node, [vitest, 'run', '--project', 'fast'], { stdio: 'inherit' })
      : installed;
  console.log(`Node ${version}: ${run.status === 0 ? 'passed' : 'FAILED'}`);
  if (run.status !== 0) failed++;
}
rmSync(folder, { recursive: true, force: true });
process.exitCode = failed > 0 ? 1 : 0;
