/** A batch pipeline: several data sets or settings, one after the other, each set kept as a file. Run: node examples/batch.mjs [steps] [directory] */
import { mkdir } from 'node:fs/promises';
import { distill, evaluate, loadDistilled, saveDistilled } from 'distill-cluster';

const [steps = '500', directory = 'runs/batch'] = process.argv.slice(2);
const jobs = [
  { name: 'fixed-labels', models: 'logreg:2', learnLabels: false, etaPerStep: false, temperature: 1 },
  { name: 'learned-labels', models: 'logreg:2' },
];
await mkdir(directory, { recursive: true });
for (const { name, ...options } of jobs) {
  const run = distill({ ...options, steps: Number(steps), evalNets: 4 });
  for await (const event of run)
    if (event.type === 'validation')
      console.error(`${name}: step ${event.step}, ${event.accuracy.mean.toFixed(3)}`);
  const { set } = await run.result;
  await saveDistilled(`${directory}/${name}.safetensors`, set);
  const { mean, std } = await evaluate(await loadDistilled(`${directory}/${name}.safetensors`), {
    evalNets: 4,
  });
  console.log(`${name}: ${(100 * mean).toFixed(1)} ± ${(100 * std).toFixed(1)} %`);
}
