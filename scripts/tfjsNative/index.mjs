/** Makes `--tfjs-backend tensorflow` work: gives @tensorflow/tfjs-node its libtensorflow and its binding. npm run setup:tfjs-native
 *  By the package's own download where that is in reach, else from TensorFlow's Python wheel (linux-x64). Repeated after each `npm ci`, which removes both, it takes them
 *  from the user's cache; where nothing is to be done it only looks. */

import { lookup } from 'node:dns/promises';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { finished } from './finished.mjs';
import { binding, cached, deps, installedVersion, packageFolder, packageVersion } from './places.mjs';
import { fetchLibraries } from './wheel.mjs';

try {
  await setUp();
} catch (error) {
  console.error(`setup:tfjs-native: ${error.message.replace(/\s+/g, ' ')}`);
  process.exitCode = 1;
}

async function setUp() {
  const installed = installedVersion();
  if (installed !== packageVersion)
    throw new Error(
      `expected @tensorflow/tfjs-node ${packageVersion} in node_modules, found ${installed ?? 'none'}; install it: npm ci, or outside of this project npm install @tensorflow/tfjs-core@${packageVersion} @tensorflow/tfjs-node@${packageVersion}`,
    );
  if (existsSync(binding) && existsSync(deps) && done('already set up')) return;
  const wheelFits = process.platform === 'linux' && process.arch === 'x64';
  if (!existsSync(cached.deps) && (await ownDownloadInReach())) {
    console.log("the package's own download is in reach: its install script runs …");
    if (attempt(build) && done('set up by its own download')) return;
  }
  if (!wheelFits)
    throw new Error(
      `the package's own download failed or is out of reach, and TensorFlow's Python wheel is for linux-x64, not ${process.platform}-${process.arch}; use --tfjs-backend wasm`,
    );
  if (!existsSync(cached.deps)) await fetchLibraries(cached.deps);
  rmSync(deps, { recursive: true, force: true }); // a link is removed, not what it leads to
  symlinkSync(cached.deps, deps);
  if (existsSync(cached.binding)) {
    place(cached.binding, binding);
    if (done('set up from the cache')) return;
  }
  console.log('building the binding with node-gyp (about half a minute) …');
  build();
  place(binding, cached.binding);
  if (!done('set up')) throw new Error(`it was built but does not load: ${check().message}`);
}

/** Whether the package computes; says so. */
function done(how) {
  const version = check();
  if (typeof version !== 'string') return false;
  console.log(`@tensorflow/tfjs-node ${packageVersion} is native, libtensorflow ${version}: ${how}`);
  return true;
}

/** The version of libtensorflow, or why there is none. */
function check() {
  try {
    return finished(process.execPath, [fileURLToPath(new URL('check.mjs', import.meta.url))]).trim();
  } catch (error) {
    return error;
  }
}

/** Runs the package's own install script, which npm is told not to (`allowScripts`): it downloads libtensorflow unless `deps` has it, and fetches or builds the binding. */
function build() {
  rmSync(binding, { force: true });
  const prefix = join(dirname(process.execPath), '..');
  const headers = existsSync(join(prefix, 'include/node/node_api.h')) && { npm_config_nodedir: prefix };
  finished('npm', ['run', 'install'], { cwd: packageFolder, env: { ...headers, ...process.env } });
}

function attempt(work) {
  try {
    work();
    return true;
  } catch (error) {
    console.log(error.message);
    return false;
  }
}

/** Copied beside first: whoever looks meanwhile sees the whole file or none. */
function place(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, `${to}.${process.pid}`);
  renameSync(`${to}.${process.pid}`, to);
}

async function ownDownloadInReach() {
  const limit = new AbortController();
  const late = sleep(2000, false, { signal: limit.signal }).catch(() => false);
  const resolved = lookup('storage.googleapis.com').then(
    () => true,
    () => false,
  );
  const inReach = await Promise.race([resolved, late]);
  limit.abort();
  return inReach;
}
