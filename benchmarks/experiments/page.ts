/** @file The page of the experiments. In: what was run. Out: Markdown. */
import { machine, versions } from '../../src/version.ts';
import type { Experiment } from './rows.ts';
import type { Ran } from './running.ts';
import type { SpanResult } from './span.ts';

export interface PageInput {
  readonly rows: readonly { readonly experiment: Experiment; readonly recipe: string; readonly ran: Ran }[];
  readonly clamps: readonly { readonly title: string; readonly ran: Ran }[];
  readonly span: SpanResult;
  readonly minutes: number;
}

export const page = ({
  rows,
  clamps,
  span,
  minutes,
}: PageInput): string => `# The source's experiments, repeated

Written by \`npm run experiments\` in ${minutes.toFixed(0)} minutes: ${machine().cpu}, ${machine().cores} cores, ${told()}. MNIST, seed 1; test accuracy over 20 fresh networks,
read once, at the end of each run; checkpoints chosen on held-out training images. Source: V. O. Markov, "Data distillation" (MSU CMC, 2020); the LeNet row is Wang et
al. (2018), as the source quotes it. The source's outer SGD is Adam here, which reaches more (docs/method.md); everything else of its recipe is as it says.

${table(
  ['experiment', 'the source', 'recipe', 'ours', '', 'seconds'],
  rows.map(({ experiment, recipe, ran }) => [
    experiment.title,
    experiment.source,
    recipe,
    accuracy(ran),
    verdict(experiment, ran),
    ran.summary?.wallSeconds.toFixed(0) ?? '',
  ]),
)}

## Pictures and curves
${rows.map(({ experiment, recipe, ran }) => pictures(`${experiment.title}: ${recipe}`, ran)).join('\n')}

## η̃ with wide weights, with the clamp and without
The conv net, fixed labels, one η̃, outer SGD at 1e-2 as in the source, 150 steps. The source: with a large σ and many weights ∂η̃ explodes, η̃ grows, the weights
blow up and the loss becomes infinite; so η̃ is clamped to [1e-5, 1].

${table(
  ['', 'steps', 'loss, first → largest → last', 'η̃ at the end', 'ended'],
  clamps.map(({ title, ran }) => [
    title,
    `${ran.points.length}`,
    losses(ran),
    lastEta(ran),
    ran.failure ?? 'all steps done',
  ]),
)}

${clamps.map(({ title, ran }) => `![${title}](results/${ran.id}.svg)`).join('\n')}

## M ≥ D for a linear model with squared loss
One inner step, 8×8 images (D = 64), a linear model without bias, squared loss, w_0 ~ normal(0, 0.2²). The source: distilled data that reach the optimum in one step from *every* w_0
exist if and only if M ≥ D. In \`linearProblem.ts\` is why, and what M < D images can reach at best: they set the M dearest directions right and leave the others as w_0 left them.
M = D = 64 images made on paper, run from w_0 of sizes 0.01, 1 and 100: w_1 differs from w* by ${span.exact.toExponential(1)} of its largest element.

${table(
  ['M', 'excess loss of the distilled set', 'least possible', 'of the untrained model’s'],
  span.rows.map(row => [
    `${row.images}`,
    row.distilled.toExponential(2),
    row.least > span.untrained * 1e-12 ? row.least.toExponential(2) : '0',
    `${((100 * row.distilled) / span.untrained).toPrecision(2)} %`,
  ]),
)}

![Excess loss after one step against the number of distilled images](results/span.svg)
`;

const told = (): string =>
  Object.entries(versions())
    .map(([program, version]) => `${program} ${version}`)
    .join(', ');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');

const accuracy = ({ summary }: Ran): string =>
  summary?.accuracy ? `${percent(summary.accuracy.mean)} ± ${percent(summary.accuracy.std)} %` : 'diverged';

const percent = (share: number): string => (100 * share).toFixed(1);

const verdict = ({ bar }: Experiment, { summary }: Ran): string => {
  if (bar === undefined || !summary?.accuracy) return '';
  return 100 * summary.accuracy.mean >= bar ? 'met' : 'below';
};

const pictures = (title: string, { id }: Ran): string =>
  `\n### ${title}\n![The distilled images](results/${id}.png)\n\n![Loss, η̃ and validation accuracy over the steps](results/${id}.svg)`;

function losses({ points }: Ran): string {
  const values = points.map(point => point.loss);
  return [values[0]!, Math.max(...values), values.at(-1)!].map(value => value.toPrecision(3)).join(' → ');
}

const lastEta = ({ points }: Ran): string =>
  [points.at(-1)?.eta ?? []]
    .flat()
    .map(value => value.toPrecision(3))
    .join(', ');
