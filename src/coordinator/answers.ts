/** @file What may be taken for an answer. In: a task, and bytes from anywhere. */
import type { Plan } from '../shared/config/index.ts';
import {
  decodeAccuracy,
  decodeGradients,
  decodeTrained,
  errorIn,
  type Task,
} from '../shared/messages/index.ts';

/** @throws DistillError 'bad-file' when `bytes` are no answer to `task`: another kind, other sizes, damaged. An error that a worker answers with is one. */
export function checkAnswer({ sizes, classes, nets, names }: Plan, task: Task, bytes: Uint8Array): void {
  if (errorIn(bytes) !== undefined) return;
  if (task.kind === 'gradient') decodeGradients(bytes, sizes, task.count);
  else if (task.kind === 'accuracy') decodeAccuracy(bytes, classes);
  else decodeTrained(bytes, nets[names[task.model]!]!.weightCount);
}
