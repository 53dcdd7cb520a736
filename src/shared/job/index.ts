/** @file Jobs: loaded from files, and on their way to workers that share no memory with the coordinator. */
export {
  type Blob,
  type DataIdentity,
  type Decoded,
  type Description,
  dataBlob,
  decodeDescription,
  describeJob,
  jobFrom,
} from './description.ts';
export { type LoadJobOptions, loadJob } from './load.ts';
