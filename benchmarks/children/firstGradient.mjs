/** The way of a fresh process to its first gradient, part by part, as a worker goes it: node firstGradient.mjs '{…options}'. Prints milliseconds of each part; reading the data is
 *  not among them, workers are given them. */

/** @returns what `work` gives, and its milliseconds */
async function timed(work) {
  const began = performance.now();
  return [await work(), performance.now() - began];
}

const [, modules] = await timed(() => import('../../dist/worker/handler.js')); // first: nothing else has loaded what it shares with others
const { initialState } = await import('../../dist/coordinator/state.js');
const { planOf, resolveConfig, temperatureOf } = await import('../../dist/shared/config/index.js');
const { distillationStep } = await import('../../dist/shared/distillation/index.js');
const { loadJob } = await import('../../dist/shared/job/index.js');
const { loadEngine } = await import('../../dist/worker/engines/index.js');
const { Gradients } = await import('../../dist/worker/gradient.js');

const job = await loadJob(resolveConfig(JSON.parse(process.argv[2])));
const plan = planOf(job);
const state = initialState(job.config, plan);
const [name] = plan.names;
const [engine, runtime] = await timed(() => loadEngine(job.config.engine));
const [inputs, gathered] = await timed(() =>
  new Gradients(job, plan, engine).inputs({ step: 0, member: 0, count: 1 }, state),
);
const [graph, derived] = await timed(() =>
  distillationStep(plan.nets[name], plan.schedules[name], job.config.batchSize, temperatureOf(job, name)),
);
const [{ run }, compiled] = await timed(() => engine.compile(graph));
const [, first] = await timed(() => run(graph.inputs.map(input => inputs[input.name])));
console.log(JSON.stringify({ modules, runtime, gathered, derived, compiled, first }));
