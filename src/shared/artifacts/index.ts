/** @file Files that outlive a run: whole or not at all when written, not trusted when read. */
export { writeFileWhole } from './atomic.ts';
export { decodeDistilled, encodeDistilled, loadDistilled, saveDistilled } from './distilledFile.ts';
export { distilledNpz } from './distilledNpz.ts';
export type { DistilledSet } from './distilledSet.ts';
export { type Lock, lockDirectory } from './lock.ts';
export { type Networks, type TrainedNetworks, weightBytesLimit } from './networks.ts';
export { decodeNetworks, encodeNetworks, loadNetworks, saveNetworks } from './networksFile.ts';
export { decodeNpz, encodeNpz } from './npz.ts';
export { badFile, readWhole } from './reading.ts';
export { decodeSafetensors, encodeSafetensors, type Safetensors } from './safetensors.ts';
export type { StoredTensor } from './storedTensor.ts';
