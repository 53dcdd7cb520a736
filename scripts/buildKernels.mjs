/** Makes the addon of the engine `native`: prebuilds/PLATFORM-ARCH/kernels.node, from src/worker/engines/native/kernels, with node-gyp as npm has it. Where that can't be done
 *  the package works without it, on another engine: so this says what failed and ends well, unless --strict is given. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const kernels = join(root, 'src/worker/engines/native/kernels');
const target = join(root, 'prebuilds', `${process.platform}-${process.arch}`);

const problem = build();
if (problem !== undefined) {
  console.error(`the native engine was not built: ${problem}; runs will use another engine`);
  if (process.argv.includes('--strict')) process.exitCode = 1;
}

/** What went wrong, or undefined. */
function build() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `its kernels are written for linux x64, this is ${process.platform} ${process.arch}`;
  const nodeGyp = process.env.npm_config_node_gyp;
  if (nodeGyp === undefined) return 'npm tells where node-gyp is: use npm run build:native';
  const prefix = dirname(dirname(process.execPath));
  const headers = existsSync(join(prefix, 'include/node/node_api.h')) ? { npm_config_nodedir: prefix } : {};
  const steps = existsSync(join(kernels, 'build/Makefile')) ? ['build'] : ['configure', 'build'];
  for (const step of steps) {
    const { status, stderr, stdout, error } = spawnSync(process.execPath, [nodeGyp, step, '--silent'], {
      cwd: kernels,
      encoding: 'utf8',
      env: { ...process.env, ...headers },
    });
    if (status === 0) continue;
    console.error(`${stdout}${stderr}`.trim().split('\n').slice(-20).join('\n'));
    return `node-gyp ${step} failed${error ? ` (${error.message})` : ', see above; it needs g++, make and python3'}`;
  }
  mkdirSync(target, { recursive: true });
  copyFileSync(join(kernels, 'build/Release/kernels.node'), join(target, 'kernels.node'));
  return undefined;
}
