import { describe, expect, test } from 'vitest';
import {
  add,
  constant,
  div,
  exp,
  expand,
  type Graph,
  gradient,
  input,
  matmul,
  max,
  mul,
  neg,
  optimise,
  print,
  relu,
  reshape,
  scalar,
  simplified,
  sub,
  sum,
  sumAll,
  type Tensor,
  tanh,
  transpose,
} from '../../../src/shared/graph/index.ts';

const w = input('w', [6, 2]);
const x = input('x', [3, 6]);
const delta = input('delta', [3, 2]);
const eta = input('eta', []);

/** The lines of `graph` that are no inputs. */
const lines = (graph: Graph): string[] =>
  print(graph)
    .split('\n')
    .filter(line => !line.endsWith('= input'));
const of = (...outputs: Tensor[]): Graph => ({ inputs: [w, x, delta, eta], outputs });

describe('algebra', () => {
  test.each<[string, Tensor, string]>([
    ['x + 0', add(x, scalar(0)), '→ x'],
    ['0 + x', add(expand(scalar(0), [3, 6]), x), '→ x'],
    ['x − 0', sub(x, scalar(0)), '→ x'],
    ['1·x', mul(scalar(1), x), '→ x'],
    ['−(−x)', neg(neg(x)), '→ x'],
    ['(xᵀ)ᵀ', transpose(transpose(x, [1, 0]), [1, 0]), '→ x'],
    ['a shape that is there', reshape(reshape(x, [18]), [3, 6]), '→ x'],
    ['a sum over axes of size 1', sum(eta, []), '→ eta'],
    ['the largest of one', max(eta, []), '→ eta'],
  ])('%s', (_, before, after) => {
    expect(lines(simplified(of(before)))).toEqual([after]);
  });

  test.each<[string, Tensor, string]>([
    ['0 − x is −x', sub(scalar(0), x), 't4 (3, 6) = neg(x)'],
    ['w + −w′ is w − w′', add(w, neg(exp(w))), 't5 (6, 2) = sub(w, t4)'],
    ['x + x is 2·x', add(x, x), 't5 (3, 6) = mul(2, x)'],
    ['−x − x is −2·x', sub(neg(x), x), 't5 (3, 6) = mul(-2, x)'],
    ['x/4 is 0.25·x', div(x, scalar(4)), 't5 (3, 6) = mul(x, 0.25)'],
    ['2·(3·x) is 6·x', mul(scalar(2), mul(scalar(3), x)), 't5 (3, 6) = mul(6, x)'],
    [
      'a transposed factor is a flag',
      matmul(transpose(x, [1, 0]), delta),
      't4 (6, 2) = matmul(x, delta, transposeA=true, transposeB=false)',
    ],
    [
      'a factor transposed twice is not turned',
      matmul(transpose(transpose(x, [1, 0]), [1, 0]), delta, { transposeA: true }),
      't4 (6, 2) = matmul(x, delta, transposeA=true, transposeB=false)',
    ],
    ['nothing is expanded for elementwise use', mul(expand(eta, [3, 6]), x), 't4 (3, 6) = mul(eta, x)'],
  ])('%s', (_, before, after) => {
    expect(lines(simplified(of(before))).at(-2)).toBe(after);
  });

  const [bias, gain] = [input('bias', [3, 1]), input('gain', [1, 6])];
  const shaped = (graph: Graph): string[] => lines(simplified({ ...graph, inputs: [x, bias, gain, eta] }));

  test('small factors are multiplied with each other first, where that is no larger than what they multiply', () => {
    expect(shaped(of(mul(eta, mul(bias, x))))).toEqual([
      't4 (3, 1) = mul(bias, eta)',
      't5 (3, 6) = mul(x, t4)',
      '→ t5',
    ]);
    expect(shaped(of(mul(mul(x, bias), gain)))).toHaveLength(3);
    expect(shaped(of(mul(mul(x, bias), gain))).at(-2)).toBe('t5 (3, 6) = mul(t4, gain)');
  });

  test('a factor that a sum does not go over comes out of it', () => {
    expect(shaped(of(sum(mul(x, bias), [1])))).toEqual([
      't4 (3, 1) = sum(x, axes=[1])',
      't5 (3, 1) = mul(bias, t4)',
      '→ t5',
    ]);
    expect(shaped(of(sum(mul(x, bias), [0]))).at(-2)).toContain('sum');
  });

  test('what is added twice is doubled once', () => {
    const squared = mul(bias, x);
    expect(shaped(of(add(add(exp(x), squared), squared)))).toEqual([
      't4 (3, 6) = exp(x)',
      't6 (3, 1) = mul(bias, 2)',
      't7 (3, 6) = mul(x, t6)',
      't8 (3, 6) = add(t4, t7)',
      '→ t8',
    ]);
  });

  test('constants fold, but not to something larger', () => {
    const folded = add(mul(scalar(2), constant([1, 2], [2])), scalar(1));
    expect(lines(simplified(of(folded)))).toEqual(['t4 (2) = constant [3, 5]', '→ t4']);
    expect(lines(simplified(of(expand(scalar(7), [1000]))))).toEqual([
      't5 (1000) = expand(7, shape=[1000])',
      '→ t5',
    ]);
  });
});

test('the second derivative of a kinked function costs nothing where it is zero', () => {
  const [first] = gradient(sumAll(relu(x)), [x]);
  expect(lines(simplified(of(gradient(sumAll(mul(first!, first!)), [x])[0]!)))).toEqual([
    't5 (3, 6) = expand(0, shape=[3,6])',
    '→ t5',
  ]);
});

describe('products', () => {
  const options = { transposeA: true } as const;

  test('products with one factor are one: A·X + Aᵀ·X = (A + Aᵀ)·X, whatever is added to them', () => {
    const [a, large] = [input('a', [3, 3]), input('large', [3, 6])];
    const twoOf = add(matmul(a, x), matmul(a, x, options));
    const expected = [
      't3 (3, 3) = transpose(a, perm=[1,0])',
      't4 (3, 3) = add(a, t3)',
      't5 (3, 6) = matmul(t4, x, transposeA=false, transposeB=false)',
    ];
    const graph = (output: Tensor) => simplified({ inputs: [a, x, large], outputs: [output] });
    expect(lines(graph(twoOf)).slice(-4)).toEqual([...expected, '→ t5']);
    const [first, second] = [matmul(a, x), matmul(a, x, options)];
    expect(lines(graph(add(add(large, first), second))).filter(line => line.includes('matmul'))).toHaveLength(
      1,
    );
    expect(lines(graph(mul(twoOf, first))).filter(line => line.includes('matmul'))).toHaveLength(2);
  });

  test('so are products with one first factor', () => {
    const [a, b] = [input('a', [3, 2]), input('b', [2, 3])];
    const summed = add(matmul(x, a, options), matmul(x, b, { transposeA: true, transposeB: true }));
    expect(lines(simplified({ inputs: [x, a, b], outputs: [summed] })).slice(-4)).toEqual([
      't3 (3, 2) = transpose(b, perm=[1,0])',
      't4 (3, 2) = add(a, t3)',
      't5 (6, 2) = matmul(x, t4, transposeA=true, transposeB=false)',
      '→ t5',
    ]);
  });

  test('a weight update w − η·xᵀδ is one pass over the weights: the step size goes to the smallest factor', () => {
    const step = sub(w, mul(eta, matmul(x, delta, options)));
    expect(lines(optimise(of(step)))).toEqual([
      't4 (3, 2) = mul(eta, delta)',
      't5 (6, 2) = gemm(x, t4, w, transposeA=true, transposeB=false, alpha=-1)',
      '→ t5',
    ]);
  });

  test('two updates of large weights are one product and one pass', () => {
    const large = input('large', [20, 30]);
    const [a, b, c, d] = [input('a', [2, 20]), input('b', [2, 30]), input('c', [20, 1]), input('d', [1, 30])];
    const updated = sub(sub(large, matmul(a, b, options)), matmul(c, d));
    const graph = { inputs: [large, a, b, c, d], outputs: [updated] };
    expect(lines(optimise(graph)).filter(line => line.includes('(20, 30)'))).toEqual([
      't8 (20, 30) = gemm(t6, t7, large, transposeA=true, transposeB=false, alpha=-1)',
    ]);
  });

  test('a product that is read twice is not computed twice', () => {
    const product = matmul(x, delta, options);
    const text = lines(optimise(of(sub(w, product), tanh(product)))).join('\n');
    expect(text).not.toContain('gemm');
    expect(text.match(/matmul/g)).toHaveLength(1);
  });

  test('the derivative by a step size, Σ V ⊙ (xᵀδ), is taken without the weight-sized product', () => {
    const text = lines(optimise(of(sumAll(mul(w, matmul(x, delta, options))))));
    expect(text.filter(line => line.includes('(6, 2)'))).toEqual([]);
    expect(text.join('\n')).toContain('matmul(x, w');
  });

  test('a scalar goes to the smaller factors of a sum of products, unless the sum is used elsewhere', () => {
    const sums = sub(matmul(x, delta, options), matmul(tanh(x), delta, options));
    const scaled = lines(optimise(of(mul(eta, sums)))).join('\n');
    expect(scaled).toContain('(3, 2) = mul(eta, delta)');
    expect(scaled).not.toContain('(6, 2) = mul');
    const twice = lines(optimise(of(mul(eta, sums), tanh(sums)))).join('\n');
    expect(twice).toContain('(6, 2) = mul(eta');
    expect(twice.match(/matmul|gemm/g)).toHaveLength(2);
  });

  test('a scalar comes off the larger factor', () => {
    expect(lines(optimise(of(matmul(mul(eta, x), w))))).toEqual([
      't4 (3, 2) = matmul(x, w, transposeA=false, transposeB=false)',
      't5 (3, 2) = mul(eta, t4)',
      '→ t5',
    ]);
  });
});
