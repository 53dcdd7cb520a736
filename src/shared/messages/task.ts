/** @file Tasks: the questions to workers, as data and as frames. */
import { z } from 'zod';
import { decodeFrame, encodeFrame, foreign } from './frame.ts';

/** One question to a worker. A task is stateless: it can run twice, anywhere, and gives the same answer. */
export type Task =
  /** The meta-gradients at outer step `step` of `count` ensemble members, one after the other from `member` on. */
  | { readonly kind: 'gradient'; readonly step: number; readonly member: number; readonly count: number }
  /** What fresh network `net` of architecture number `model` takes the images of `part` for, after it learned by `recipe`. */
  | {
      readonly kind: 'accuracy';
      readonly step: number;
      readonly part: 'validation' | 'test';
      readonly model: number;
      readonly net: number;
      readonly recipe: Recipe;
    }
  /** Network `net` of architecture number `model`, trained on the real training images for `epochs` passes. */
  | { readonly kind: 'pretrain'; readonly model: number; readonly net: number; readonly epochs: number };

export type GradientTask = Extract<Task, { kind: 'gradient' }>;

/** How a fresh network learns before it is judged. `none`: not at all · `schedule`: the inner steps on the broadcast set with its own η̃ · `converged`:
 *  SGD with momentum on the broadcast set until its loss stops falling · `full`: the same on all real training images. */
export type Recipe = 'none' | 'schedule' | 'converged' | 'full';

/** How far a run's numbers go: outer steps, ensemble members, architectures. */
export interface TaskRanges {
  readonly steps: number;
  readonly members: number;
  readonly models: number;
}

export const encodeTask = (task: Task): Uint8Array => encodeFrame('task', task);

/** @throws DistillError 'bad-file' when the frame is no task, or its numbers are beyond `ranges`. */
export function decodeTask(bytes: Uint8Array, ranges: TaskRanges): Task {
  const { data: task, error } = TaskSchema.safeParse(decodeFrame(bytes, 'task'));
  if (error) throw foreign('task', `${error.issues[0]!.path.join('.') || 'value'}: another one`);
  const { steps, members, models } = ranges;
  const within =
    task.kind === 'gradient'
      ? task.step < steps && task.member + task.count <= members
      : task.model < models && (task.kind === 'pretrain' || task.step <= steps);
  if (!within) throw foreign('task', `${taskName(task)}, beyond ${steps} steps, ${members} members`);
  return task;
}

const count = z
  .int()
  .min(0)
  .max(2 ** 31);
const TaskSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('gradient'), step: count, member: count, count: count.min(1) }),
  z.strictObject({
    kind: z.literal('accuracy'),
    step: count,
    part: z.enum(['validation', 'test']),
    model: count,
    net: count,
    recipe: z.enum(['none', 'schedule', 'converged', 'full']),
  }),
  z.strictObject({ kind: z.literal('pretrain'), model: count, net: count, epochs: count }),
]);

/** A task in words: 'step 3, member 1', 'step 3, members 4 to 7'. */
export function taskName(task: Task): string {
  if (task.kind === 'gradient') return `step ${task.step}, ${membersName(task)}`;
  return `network ${task.net} ${task.kind === 'accuracy' ? `of the ${task.part} part` : 'in training'}`;
}

const membersName = ({ member, count }: GradientTask): string =>
  count === 1 ? `member ${member}` : `members ${member} to ${member + count - 1}`;
