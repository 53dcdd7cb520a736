import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  add,
  evaluate,
  exp,
  gradient,
  input,
  mul,
  print,
  scan,
  sumAll,
  tanh,
  vjp,
} from '../../../src/shared/graph/index.ts';
import { expectVjp } from './differences.ts';
import { programs } from './programs.ts';

const x = input('x', [2, 3]);
const b = input('b', [3]);

test('the vjp of any graph, and its vjp, agree with central differences', () =>
  fc.assert(
    fc.property(programs({ maxLength: 10, loops: false }), fc.nat(), (graph, seed) =>
      expectVjp({ graph, ranges: graph.inputs.map(() => [-0.5, 0.5]) }, seed, { order: 2, tolerance: 1e-5 }),
    ),
    { numRuns: 300 },
  ));

describe('the walk', () => {
  test('adds up what comes back on several paths, and sums a broadcast operand back to its shape', () => {
    const [dx, db] = gradient(sumAll(add(mul(x, x), b)), [x, b]);
    const values = [Float64Array.of(1, 2, 3, 4, 5, 6), Float64Array.of(0, 0, 0)];
    expect(evaluate({ inputs: [x, b], outputs: [dx!, db!] }, values)).toEqual([
      Float64Array.of(2, 4, 6, 8, 10, 12),
      Float64Array.of(2, 2, 2),
    ]);
  });

  test('gives zeros where nothing depends on a tensor', () => {
    expect(print({ inputs: [x, b], outputs: gradient(sumAll(x), [b]) })).toContain(
      't3 (3) = expand(0, shape=[3])',
    );
  });

  test('stops at the tensors asked for, also inside a graph', () => {
    const y = tanh(x);
    const text = print({ inputs: [x], outputs: gradient(sumAll(exp(y)), [y]) });
    expect(text.match(/tanh/g)).toHaveLength(1); // forward only
  });

  test('an output that is asked for itself gets its own cotangent', () => {
    expect(gradient(sumAll(x), [x])[0]!.shape).toEqual([2, 3]);
    expect(vjp([x], [x], [x])).toEqual([x]);
  });
});

describe('refused', () => {
  test('a cotangent of another shape than its output', () => {
    expect(() => vjp([x], [b], [x])).toThrow('vjp: output 0 has shape (2, 3), its cotangent (3)');
  });

  test('a missing cotangent', () => {
    expect(() => vjp([x, b], [x], [x])).toThrow('vjp: output 1 has shape (3), its cotangent undefined');
  });

  test('a loop: it has no rule', () => {
    const { carried } = scan({ length: 2, init: [x] }, ([c]) => ({ carried: [tanh(c!)] }));
    expect(() => vjp(carried, [x], [x])).toThrow('vjp: a scan has no rule; walk its iterations back by hand');
    expect(vjp(carried, [x], [b])).toHaveLength(1); // on no path to b
  });
});
