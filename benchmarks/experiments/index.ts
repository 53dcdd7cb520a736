/** @file The experiments of Markov 2020, repeated: npm run experiments. Writes benchmarks/experiments/README.md with pictures and curves beside it. Eight minutes on
 *  two quiet cores; `npm run experiments -- NAME` runs those whose name begins so and prints, without writing the page. */
import { writeFile } from 'node:fs/promises';
import { type PageInput, page } from './page.ts';
import { divergence, experiments } from './rows.ts';
import { type Ran, run } from './running.ts';
import { spanExperiment } from './span.ts';

const began = performance.now();
const only = process.argv[2] ?? '';
const wanted = (id: string): boolean => id.startsWith(only);

const rows: PageInput['rows'][number][] = [];
for (const experiment of experiments)
  for (const { id, recipe, options } of experiment.runs) {
    const name = `${experiment.id}-${id}`;
    if (wanted(name))
      rows.push({ experiment, recipe, ran: await run(name, `${experiment.title}: ${recipe}`, options) });
  }
const clamps: { title: string; ran: Ran }[] = [];
for (const { id, title, options } of divergence)
  if (wanted(id)) clamps.push({ title, ran: await run(id, title, options) });
const span = wanted('span') ? await spanExperiment() : undefined;

if (only === '' && span !== undefined) {
  const minutes = (performance.now() - began) / 60_000;
  await writeFile(new URL('README.md', import.meta.url), page({ rows, clamps, span, minutes }));
}
