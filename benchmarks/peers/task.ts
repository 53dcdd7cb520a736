/** @file A case's inputs as a file that every contender reads, so that all of them compute on the same numbers. In: a case. Out: a .npz of float32 arrays:
 *  `x` (B, H, W, C), `y` (B, K), `images` (M, H, W, C), `labels` (M, K), `eta` (N), `temperature` (1), and each weight tensor of w_0 as
 *  `weights.NAME` with the members in front, (J, …). */
import { writeFile } from 'node:fs/promises';
import { encodeNpz, type StoredTensor } from '../../src/shared/artifacts/index.ts';
import { sizeOf } from '../../src/shared/graph/index.ts';
import { drawWeights, type ModelName, models } from '../../src/shared/models/index.ts';
import { stream } from '../../src/shared/random/index.ts';
import { type Case, netOf, sizes } from './cases.ts';

const { images, innerSteps, batch, classes } = sizes;

/** A seed at which no rectifier of a case is so close to zero that rounding decides its sign, for any contender: chosen by how well they agree. One that does turns a gradient of float32 by
 *  a thousandth to a third. For convnet 1, 2, 4, 5 are none by ours or PyTorch, 3, 6, 7, 9 by JAX; for lenet 8 and 10 by ours. */
const seedOf = (model: ModelName): number => (model === 'convnet' ? 8 : 5);

/** More than the largest task has. */
export const taskLimitBytes = 2 ** 28;

export async function writeTask(path: string, { model, members }: Case): Promise<void> {
  const net = netOf(model);
  const seed = seedOf(model);
  const random = stream(seed, 'images');
  const filled = (shape: readonly number[], fill: () => number): StoredTensor => ({
    shape,
    data: Float32Array.from({ length: sizeOf(shape) }, fill),
  });
  const oneHot = (rows: number, classOf: (row: number) => number): StoredTensor => {
    const data = new Float32Array(rows * classes);
    for (let row = 0; row < rows; row++) data[row * classes + classOf(row)] = 1;
    return { shape: [rows, classes], data };
  };
  const w0 = Array.from({ length: members }, (_, member) =>
    drawWeights(net, { kind: 'xavier', mu: 0, sigma: 0 }, stream(seed, 'weights', 0, member)),
  );
  const weights = net.weights.map(({ name, shape, offset }): [string, StoredTensor] => {
    const data = new Float32Array(members * sizeOf(shape));
    w0.forEach((flat, j) => data.set(flat.subarray(offset, offset + sizeOf(shape)), j * sizeOf(shape)));
    return [`weights.${name}`, { shape: [members, ...shape], data }];
  });
  const task = {
    x: filled([batch, ...net.imageShape], random.normal),
    y: oneHot(batch, () => random.below(classes)),
    images: filled([images, ...net.imageShape], random.normal),
    labels: oneHot(images, row => row % classes),
    eta: filled([innerSteps], () => 0.02),
    temperature: filled([1], () => models[model].temperature),
    ...Object.fromEntries(weights),
  };
  await writeFile(path, encodeNpz(task));
}
