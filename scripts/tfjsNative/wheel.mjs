/** @file libtensorflow out of the Python wheel, into the cache. Out: a folder laid out as tfjs-node's `deps`, there whole or not at all. Needs python3 with pip; installs nothing. */
import { createHash } from 'node:crypto';
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { finished } from './finished.mjs';
import { wheel } from './places.mjs';

/** Names under which tfjs-node and the linker look for the two libraries; its script downloads where the one with its own version is missing. */
const aliases = {
  'libtensorflow.so': 'libtensorflow_cc.so.2',
  'libtensorflow.so.2': 'libtensorflow_cc.so.2',
  'libtensorflow.so.2.9.1': 'libtensorflow_cc.so.2',
  'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
};

/** @throws Error in one line: no Python, no such wheel, another file than the one that was tried. */
export async function fetchLibraries(folder) {
  mkdirSync(dirname(folder), { recursive: true });
  const beside = mkdtempSync(`${folder}-`);
  try {
    console.log(`downloading ${wheel.requirement} with pip (274 MB; nothing is installed) …`);
    const only = ['--no-deps', '--only-binary', ':all:', ...wheel.platform];
    finished('python3', [
      '-m',
      'pip',
      'download',
      '-q',
      '--retries',
      '0',
      ...only,
      '-d',
      beside,
      wheel.requirement,
    ]);
    const file = join(
      beside,
      readdirSync(beside).find(name => name.endsWith('.whl')),
    );
    const sha256 = await checksum(file);
    if (sha256 !== wheel.sha256)
      throw new Error(`the wheel of ${wheel.requirement} has sha256 ${sha256}, expected ${wheel.sha256}`);
    console.log('unpacking libtensorflow (853 MB) …');
    const unpacked = join(beside, 'deps');
    finished('python3', [fileURLToPath(new URL('unpack.py', import.meta.url)), file, unpacked]);
    for (const [alias, library] of Object.entries(aliases))
      symlinkSync(library, join(unpacked, 'lib', alias));
    rmSync(folder, { recursive: true, force: true });
    renameSync(unpacked, folder);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

async function checksum(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
