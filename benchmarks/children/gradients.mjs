/** Gradients of conv one after the other in a process of its own, that knows of no other: node gradients.mjs '{"engine": "native", "from": …, "seconds": 3}'. Begins at the time
 *  `from` (Date.now()), so that several run at once. Prints how many gradients a second it computed. */
import { setTimeout } from 'node:timers/promises';
import { initialState } from '../../dist/coordinator/state.js';
import { planOf, resolveConfig } from '../../dist/shared/config/index.js';
import { loadJob } from '../../dist/shared/job/index.js';
import { loadEngine } from '../../dist/worker/engines/index.js';
import { Gradients } from '../../dist/worker/gradient.js';

const { engine, from, seconds } = JSON.parse(process.argv[2]);
const job = await loadJob(resolveConfig({ models: 'conv', engine }));
const plan = planOf(job);
const state = initialState(job.config, plan);
const gradients = new Gradients(job, plan, await loadEngine(engine));
const warmUp = 3;
const gradient = step => gradients.gradients({ step, member: 0, count: 1 }, state);
for (let step = 0; step < warmUp; step++) await gradient(step);
const early = from - Date.now();
if (early < 0) throw new Error(`was to begin ${-early} ms ago`);
await setTimeout(early);

const began = performance.now();
let step = warmUp;
while (performance.now() - began < 1000 * seconds) await gradient(step++);
console.log(JSON.stringify({ perSecond: (1000 * (step - warmUp)) / (performance.now() - began) }));
