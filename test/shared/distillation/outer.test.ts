import { test } from 'vitest';
import { outerGradient } from '../../../src/shared/distillation/outer.ts';
import { evaluate, type Graph, input } from '../../../src/shared/graph/index.ts';
import { unflatten } from '../../../src/shared/models/index.ts';
import { drawInputs, expectClose } from '../graph/values.ts';
import { nets } from './problems.ts';

const batch = 6;

/** Loss and gradient on a batch of 6, so many images at a time. */
const inChunks = (name: keyof typeof nets, chunk: number): Graph => {
  const net = nets[name];
  const flat = input('weights', [net.weightCount]);
  const x = input('x', [batch, ...net.imageShape]);
  const y = input('y', [batch, net.classes]);
  const taken = { temperature: 3, loss: 'cross-entropy' } as const;
  const outputs = outerGradient(net, unflatten(net, flat), [flat], { x, y }, taken, chunk);
  return { inputs: [flat, x, y], outputs };
};

test.each(Object.keys(nets) as (keyof typeof nets)[])(
  'loss and gradient of %s are the same however many images are computed together',
  name => {
    const whole = inChunks(name, batch);
    const values = drawInputs(whole, 5);
    const exact = evaluate(whole, values);
    for (const chunk of [1, 2, 3]) expectClose(evaluate(inChunks(name, chunk), values), exact, 1e-10, name);
  },
);
