/** @file Where things lie that make @tensorflow/tfjs-node native: the package, the user's cache, and what is expected in them. Knows no download. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import envPaths from 'env-paths';

/** The version of the package that the wheel below was tried with. */
export const packageVersion = '4.22.0';

export const packageFolder = installed() ?? '@tensorflow/tfjs-node';

/** libtensorflow and the C headers, as the package looks for them; a link into the cache, which `npm ci` removes. */
export const deps = join(packageFolder, 'deps');
/** What JavaScript loads; one file serves all versions of Node that have N-API 8. */
export const binding = join(packageFolder, 'lib/napi-v8/tfjs_binding.node');

/** The Python wheel of TensorFlow whose libraries are linked to: it is on every package index, where the package's own download may be out of reach. */
export const wheel = {
  requirement: 'tensorflow-cpu==2.21.0',
  /** The same file whatever Python this machine has. */
  platform: ['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311'].concat(
    '--platform',
    'manylinux_2_27_x86_64',
  ),
  sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
};

const cache = join(
  process.env.DISTILL_CLUSTER_CACHE || envPaths('distill-cluster', { suffix: '' }).cache,
  `tfjs-node-${packageVersion}-${wheel.requirement.replace('==', '-')}`,
);
/** The libraries of the wheel, and the binding that was built for them: both outlive `npm ci`. */
export const cached = { deps: join(cache, 'deps'), binding: join(cache, 'tfjs_binding.node') };

/** The version of the package that is installed; undefined where it is not. */
export const installedVersion = () =>
  installed() && JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')).version;

/** The package as this project finds it, which may itself be a package in a user's node_modules. */
function installed() {
  try {
    return dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-node/package.json'));
  } catch {
    return undefined;
  }
}
