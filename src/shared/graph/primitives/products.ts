/** @file Bilinear primitives: the matrix product, and its fused form with an addend. */
import { broadcastStrides, type Shape, showShape, sizeOf, walk } from '../shape.ts';
import { type MatmulParams, scalar, type Tensor, type Values } from '../tensor.ts';
import { mul } from './elementwise.ts';
import { type Builder, primitive } from './primitive.ts';

/** A·B of two matrices, each transposed first where asked: (m, k)·(k, n) → (m, n). */
export const matmul: Builder<'matmul', [a: Tensor, b: Tensor, transposes?: Partial<MatmulParams>]> =
  primitive(
    'matmul',
    (a, b, { transposeA = false, transposeB = false } = {}) => [[a, b], { transposeA, transposeB }],
    {
      shape: ([a, b], params) => productShape(a!, b!, params),
      vjp: (g, [a, b], _, params) => productVjp(g, a!, b!, params),
      reference: ([a, b], params, shape) => product(a!, b!, params, shape),
    },
  );

/** α·A·B + C, with C broadcast to the product's shape: what engines run in one pass over C. Made by the fusing pass only. */
export const gemm: Builder<
  'gemm',
  [a: Tensor, b: Tensor, c: Tensor, params: MatmulParams & { readonly alpha: number }]
> = primitive('gemm', (a, b, c, params) => [[a, b, c], params], {
  shape: ([a, b, c], params) => {
    const shape = productShape(a!, b!, params);
    if (c!.length > 2 || c!.some((size, i) => size !== 1 && size !== shape[i + 2 - c!.length]))
      throw new RangeError(`addend ${showShape(c!)} does not broadcast to ${showShape(shape)}`);
    return shape;
  },
  vjp: (g, [a, b], _, params) => [...productVjp(mul(scalar(params.alpha), g), a!, b!, params), g],
  reference: ([a, b, c], params, shape) => {
    const out = product(a!, b!, params, shape);
    walk(shape, [broadcastStrides(c!.shape, shape)], (n, [i]) => {
      out[n] = params.alpha * out[n]! + c!.data[i!]!;
    });
    return out;
  },
});

function productShape(a: Shape, b: Shape, { transposeA, transposeB }: MatmulParams): Shape {
  const [m, k] = transposeA ? [a[1], a[0]] : a;
  const [l, n] = transposeB ? [b[1], b[0]] : b;
  if (a.length !== 2 || b.length !== 2 || k !== l)
    throw new RangeError(
      `${showShape(a)}${transposeA ? 'ᵀ' : ''} · ${showShape(b)}${transposeB ? 'ᵀ' : ''} is no product of matrices`,
    );
  return [m!, n!];
}

/** d(A·B) = dA·B + A·dB; a transposed operand gets the transposed product. */
function productVjp(
  g: Tensor,
  a: Tensor,
  b: Tensor,
  { transposeA, transposeB }: MatmulParams,
): [Tensor, Tensor] {
  return [
    transposeA
      ? matmul(b, g, { transposeA: transposeB, transposeB: true })
      : matmul(g, b, { transposeB: !transposeB }),
    transposeB
      ? matmul(g, a, { transposeA: true, transposeB: transposeA })
      : matmul(a, g, { transposeA: !transposeA }),
  ];
}

function product(
  a: Values,
  b: Values,
  { transposeA, transposeB }: MatmulParams,
  [m, n]: Shape,
): Float64Array {
  const k = a.shape[transposeA ? 0 : 1]!;
  const [rowA, stepA] = transposeA ? [1, m!] : [k, 1];
  const [stepB, columnB] = transposeB ? [1, k] : [n!, 1];
  const out = new Float64Array(sizeOf([m!, n!]));
  for (let i = 0; i < m!; i++)
    for (let p = 0; p < k; p++) {
      const left = a.data[i * rowA + p * stepA]!;
      for (let j = 0; j < n!; j++) out[i * n! + j]! += left * b.data[p * stepB + j * columnB]!;
    }
  return out;
}
