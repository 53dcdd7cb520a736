/** Whether tfjs-node was made native by `npm run setup:tfjs-native`. */
import { existsSync } from 'node:fs';
import { binding, deps } from '../scripts/tfjsNative/places.mjs';

/** @returns undefined when it was, else what is missing, and how to get it */
export function lacking() {
  const missing = [binding, deps].filter(path => !existsSync(path));
  return missing.length === 0
    ? undefined
    : `@tensorflow/tfjs-node is not native here (no ${missing.join(', no ')}): run npm run setup:tfjs-native`;
}
