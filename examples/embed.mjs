/** A server that distils and answers meanwhile: the run has a thread of its own. Run: node examples/embed.mjs [steps] */
import { createServer } from 'node:http';
import { spawnDistiller } from 'distill-cluster';

const [steps = '500'] = process.argv.slice(2);
let progress = 'starting';
const server = createServer((_, response) => response.end(`${progress}\n`));
server.listen(0, 'localhost', () => console.error(`progress at http://localhost:${server.address().port}`));

const distiller = spawnDistiller();
const { set, summary } = await distiller.distill(
  { models: 'logreg:2', steps: Number(steps), evalNets: 4 },
  {
    signal: AbortSignal.timeout(600_000), // after ten minutes: what is distilled so far, without an accuracy
    onEvent: event => {
      if (event.type === 'step') progress = `step ${event.step}, loss ${event.loss.toFixed(3)}`;
    },
  },
);
const { mean } = await distiller.evaluate(set, { models: 'conv', evalNets: 2 });
console.log(`${summary.steps} steps: logreg ${summary.accuracy?.mean.toFixed(3)}, conv ${mean.toFixed(3)}`);
await distiller.close();
server.close();
