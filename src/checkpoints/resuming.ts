/** @file Whether a run may go on from a checkpoint. In: the checkpoint, and the run as it would go on. Out: an error in one line, or what its user should know. */
import {
  type Change,
  type Config,
  changesBetween,
  mayChange,
  type Plan,
  showChange,
} from '../shared/config/index.ts';
import { DistillError } from '../shared/errors.ts';
import { parts } from '../shared/messages/index.ts';
import type { Checkpoint, Maker, Origin } from './checkpoint.ts';

/** What changed, every change of which the distilled set is none the worse. @throws DistillError 'usage' naming every change when there is another, in `run`. */
export function safeChanges(from: Config, to: Config, run: string): Change[] {
  const changes = changesBetween(from, to);
  if (changes.every(mayChange)) return changes;
  throw refused(
    run,
    'the options that the run was begun with',
    changes.map(showChange).join(', '),
    'leave them as they were, or begin a new run in another directory',
  );
}

/** Checks that `now` is the run of `checkpoint`. @returns what is to be told. @throws DistillError 'usage' or 'bad-data' that names what is not as it was. */
export function continued(
  { origin, snapshot }: Checkpoint,
  now: Origin,
  plan: Plan,
  run: string,
): { changes: readonly Change[]; notices: readonly string[] } {
  const done = snapshot.state.step;
  const changes = safeChanges(origin.config, now.config, run);
  if (origin.data.sha256 !== now.data.sha256)
    throw new DistillError('bad-data', now.data.name, {
      expected: `the data that the run in ${run} was begun with, sha256 ${origin.data.sha256}`,
      found: now.data.sha256,
      fix: 'give it the same data, or begin a new run in another directory',
    });
  const other = Object.keys(now.layers).find(
    name => JSON.stringify(origin.layers[name]) !== JSON.stringify(now.layers[name]),
  );
  if (other !== undefined)
    throw refused(run, `the layers of ${other} as they were`, 'others', 'restore the file of the model');
  if (origin.networks !== now.networks)
    throw refused(run, 'the networks that the run was begun with', 'others', 'restore their file');
  const odd = parts.find(part => snapshot.state[part].length !== plan.sizes[part]);
  if (odd !== undefined)
    throw refused(
      run,
      `${plan.sizes[odd]} numbers of ${odd}`,
      `${snapshot.state[odd].length}`,
      'begin a new run',
    );
  if (plan.steps < done)
    throw refused(run, `at least ${done} steps, which are done`, `${plan.steps}`, 'give more --steps');
  return { changes, notices: [...stretched(changes, now.config, done), ...elsewhere(origin.made, now.made)] };
}

/** Whether a checkpoint's state is what `now` would come to by itself, so that it saves the way there. */
export const isStateOf = ({ origin }: Checkpoint, now: Origin): boolean => {
  const changes = changesBetween(origin.config, now.config);
  const sameLength = now.config.lrSchedule === 'constant' || !changes.some(({ name }) => name === 'steps');
  return (
    sameLength &&
    changes.every(mayChange) &&
    origin.data.sha256 === now.data.sha256 &&
    origin.networks === now.networks &&
    JSON.stringify(origin.layers) === JSON.stringify(now.layers) &&
    elsewhere(origin.made, now.made).length === 0
  );
};

function stretched(changes: readonly Change[], { lrSchedule }: Config, done: number): string[] {
  const steps = changes.find(({ name }) => name === 'steps');
  if (steps === undefined || lrSchedule !== 'cosine') return [];
  return [`${showChange(steps)}: the ${done} steps done followed the cosine of ${steps.from} steps`];
}

/** What can change bytes beside the options. */
function elsewhere(then: Maker, now: Maker): string[] {
  const versions = Object.keys(now.versions).flatMap(name => {
    const [from, to] = [then.versions[name] ?? 'none', now.versions[name]!];
    return from === to ? [] : [`${name} ${from} → ${to}`];
  });
  const [from, to] = [then.machine.kind, now.machine.kind];
  const machines = from === to ? [] : [`a CPU of the kind ${from} → ${to}`];
  const all = [...versions, ...machines];
  return all.length === 0
    ? []
    : [`computed so far by another program or machine: ${all.join(', ')}; bytes may differ`];
}

const refused = (where: string, expected: string, found: string, fix: string): DistillError =>
  new DistillError('usage', where, { expected, found, fix });
