/** @file The outer problem: the loss on a mini-batch of real images after the inner steps, and its gradient. In: net, weights, images, labels. Out: both as tensors, summed
 *  over chunks of the batch where that keeps a layer's output near the processor. Knows graph and nets; nothing of inner steps. */
import { add, expand, gradient, mul, reshape, scalar, scan, sizeOf, type Tensor } from '../graph/index.ts';
import { forward, type Net, outputShapes } from '../models/index.ts';
import { type LossName, outerLoss } from './loss.ts';

/** A mini-batch of real images (B, H, W, C) and their labels (B, K). */
export interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** How the loss is taken. */
interface Taken {
  readonly temperature: number;
  readonly loss: LossName;
}

/** The loss at `weights`, and its gradient with respect to `sources`, on which the weights depend. `chunk`: images that are computed together, a divisor of B. */
export function outerGradient(
  net: Net,
  weights: readonly Tensor[],
  sources: readonly Tensor[],
  { x, y }: Batch,
  taken: Taken,
  chunk = chunkOf(net, x.shape[0]!),
): readonly [loss: Tensor, ...gradient: Tensor[]] {
  const size = x.shape[0]!;
  const part = (images: Tensor, labels: Tensor): [Tensor, ...Tensor[]] => {
    const loss = outerLoss(forward(net, images, weights), labels, taken.temperature, taken.loss);
    const share = chunk === size ? loss : mul(scalar(chunk / size), loss);
    return [share, ...gradient(share, sources)];
  };
  if (chunk === size) return part(x, y);
  const length = size / chunk;
  const { carried } = scan(
    {
      length,
      init: [scalar(0), ...sources.map(t => expand(scalar(0), t.shape))],
      scanned: [x, y].map(t => reshape(t, [length, chunk, ...t.shape.slice(1)])),
    },
    (sums, [images, labels]) => ({ carried: part(images!, labels!).map((t, i) => add(sums[i]!, t)) }),
  );
  const [loss, ...gradients] = carried;
  return [loss!, ...gradients];
}

/** Outputs of a layer up to this many numbers (1 MB) stay in a core's second cache. */
const cached = 2 ** 18;

/** Fewer images than this would leave vectors half empty. */
const smallest = 16;

/** Images that are computed together: all, or so few that a layer's output stays in the cache, where the gradients that are then added to more than once are the
 *  smaller part. A divisor of `batch`. */
function chunkOf(net: Net, batch: number): number {
  const largest = Math.max(...outputShapes(net).map(sizeOf));
  const fitting = Math.max(smallest, Math.floor(cached / largest));
  const chunk = divisorsOf(batch).findLast(n => n <= fitting) ?? batch;
  return chunk >= smallest && 2 * net.weightCount <= chunk * largest ? chunk : batch;
}

const divisorsOf = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => i + 1).filter(d => n % d === 0);
