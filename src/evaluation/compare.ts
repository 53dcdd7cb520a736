/** @file A comparison: all choices on held-out training images first, then the test images, once. In: a desk, the set's state. Out: tables. */
import { summary } from '../coordinator/judge.ts';
import { type Poisoning, poisoning } from '../coordinator/verdict.ts';
import { attackOf } from '../shared/config/index.ts';
import type { DistilledState, Recipe } from '../shared/messages/index.ts';
import { baselinesFor, type Entrant } from './baselines.ts';
import type { Comparison, Neighbours, Protocol, Row, RowName, Table } from './comparison.ts';
import { type Desk, type Exam, examined, examOf, shares, sharesByClass } from './exam.ts';
import { materialFor } from './material.ts';
import { neighbours } from './neighbours.ts';
import { shippedPace } from './paces.ts';

/** What is compared. */
export interface Scope {
  readonly protocols: readonly Protocol[];
  readonly baselines: boolean;
  /** Draws among which the best one is chosen. */
  readonly randomDraws: number;
}

/** Networks that are trained on the full data set at most: that takes long, and they hardly differ. */
const fullNets = 3;

type Outcome = Pick<Comparison, 'tables' | 'neighbours' | 'notes'>;

/** Chooses, then tests. A set with an attack is judged alone. @throws DistillError as tasks do; the signal's reason when it aborts. */
export async function compared(desk: Desk, state: DistilledState, scope: Scope): Promise<Outcome> {
  const { plan } = desk;
  const shipped = shippedPace(state);
  const attack = attackOf(plan.targets);
  const own: Entrant = { name: 'distilled', lesson: state, pace: shipped, choice: false };
  const material = scope.baselines && !attack ? await materialFor(desk, scope.randomDraws) : undefined;
  const chosen: { model: number; protocol: Protocol; entrants: Entrant[] }[] = [];
  for (const model of plan.names.keys())
    for (const protocol of scope.protocols) {
      desk.onProgress?.(`choosing for ${plan.names[model]}, ${protocol}`);
      const others = material ? await baselinesFor(desk, material, model, protocol, shipped) : [];
      chosen.push({ model, protocol, entrants: [own, ...others] });
    }
  const tables: Table[] = []; // from here on nothing is chosen
  for (const { model, protocol, entrants } of chosen)
    tables.push(
      attack
        ? await attackTable(desk, own, model, protocol, attack)
        : await table(desk, entrants, model, protocol, tables),
    );
  if (material) desk.onProgress?.('testing nearest neighbours');
  const without: Neighbours[] = material ? await neighbours(desk, material.real, material.slots) : [];
  const alone = attack && scope.baselines ? ['a set with an attack has no baselines'] : [];
  return { tables, neighbours: without, notes: [...alone, ...(material?.notes ?? [])] };
}

/** Tests the entrants. Rows that no protocol touches are taken over from `earlier` tables. */
async function table(
  desk: Desk,
  entrants: readonly Entrant[],
  model: number,
  protocol: Protocol,
  earlier: readonly Table[],
): Promise<Table> {
  const architecture = desk.plan.names[model]!;
  const rows: Row[] = [];
  for (const entrant of entrants) rows.push(await tested(desk, entrant, model, protocol));
  const known = earlier.find(other => other.architecture === architecture)?.rows ?? [];
  const plain = async (name: RowName, recipe: Recipe): Promise<Row> =>
    known.find(row => row.name === name) ?? tested(desk, { ...entrants[0]!, name }, model, recipe);
  if (desk.job.pools) rows.splice(1, 0, await plain('before', 'none'));
  if (entrants.length > 1) rows.push(await plain('full', 'full'));
  const mean = (name: RowName): number | undefined => rows.find(row => row.name === name)?.accuracy.mean;
  const random = mean('random');
  return {
    architecture,
    protocol,
    rows,
    ...(random !== undefined && { overRandom: mean('distilled')! - random }),
  };
}

async function tested(
  desk: Desk,
  { name, lesson, pace, choice }: Entrant,
  model: number,
  recipe: Recipe,
): Promise<Row> {
  desk.onProgress?.(`testing ${desk.plan.names[model]}, ${recipe}: ${name}`);
  const matrices = await examined(desk, lesson, pace, testOf(desk, model, recipe));
  return { ...rowOf(name, matrices, desk), ...(choice && { pace: pace.name }) };
}

const rowOf = (name: RowName, matrices: readonly Uint32Array[], { plan }: Desk): Row => ({
  name,
  accuracy: summary(shares(matrices, plan)),
  perClass: sharesByClass(matrices, plan),
});

function testOf(desk: Desk, model: number, recipe: Recipe): Exam {
  const { evalNets } = desk.job.config;
  return examOf(desk, {
    part: 'test',
    model,
    recipe,
    asked: recipe === 'full' ? Math.min(fullNets, evalNets) : evalNets,
  });
}

/** A set with an attack: what it was made for, by the same measure before and after. */
async function attackTable(
  desk: Desk,
  own: Entrant,
  model: number,
  protocol: Protocol,
  { from, to }: NonNullable<ReturnType<typeof attackOf>>,
): Promise<Table> {
  const { names, classes } = desk.plan;
  desk.onProgress?.(`testing ${names[model]}, ${protocol}`);
  const asked = (recipe: Recipe): Promise<Uint32Array[]> =>
    examined(desk, own.lesson, own.pace, testOf(desk, model, recipe));
  const [before, after] = [await asked('none'), await asked(protocol)];
  const figures = (matrices: readonly Uint32Array[]): Poisoning => poisoning(matrices, classes, from, to);
  return {
    architecture: names[model]!,
    protocol,
    rows: [rowOf('distilled', after, desk), rowOf('before', before, desk)],
    attack: { before: figures(before), after: figures(after) },
  };
}
