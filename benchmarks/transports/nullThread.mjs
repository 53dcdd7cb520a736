/** A worker thread that answers at once: takes the state as the real one does (src/worker/entries/threads.ts), computes nothing. */
import { workerData } from 'node:worker_threads';
import { reader } from '../../dist/shared/messages/index.js';

const { job, state } = workerData; // nothing native runs here: no guard is needed
const newestState = reader(state);

export default async () => {
  newestState();
  return job.nullAnswer;
};
