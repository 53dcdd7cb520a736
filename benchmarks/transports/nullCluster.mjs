/** A worker process that answers at once: speaks as the real one does (src/worker/entries/cluster.ts), computes nothing. */
import { expose } from 'comlink';
import { planOf } from '../../dist/shared/config/index.js';
import { decodeDescription } from '../../dist/shared/job/index.js';
import { decodeCall, decodePreparation, encodeAnswer, parts } from '../../dist/shared/messages/index.js';
import { ipcEndpoint } from '../../dist/shared/messages/ipc.js';

process.on('disconnect', () => process.exit());
let answer;
expose(
  {
    prepare: async frame => {
      const { job, data } = decodeDescription(decodePreparation(frame).job);
      const set = { ...data, train: { count: data.train }, test: { count: data.test } };
      const { sizes } = planOf({ ...job, data: set });
      const zeros = Object.fromEntries(parts.map(part => [part, new Float32Array(sizes[part])]));
      answer = encodeAnswer({ gradients: [{ loss: 1, ...zeros }] });
      return encodeAnswer({ ready: true });
    },
    answer: async frame => {
      decodeCall(frame);
      return answer;
    },
  },
  ipcEndpoint(process),
);
process.send('listening');
