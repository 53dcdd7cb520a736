/** @file The meta-gradient of logistic regression by hand, in plain loops: docs/method.md written out for z = x·w + b. Shares nothing with the graph.
 *  Rows of x̃ get a 1 appended and b becomes the last row of w, so that there is one matrix (D + 1, K). */

export interface LogregProblem {
  /** w_0, flat: (D, K), then (K). */
  readonly weights: Float64Array;
  readonly images: Float64Array;
  readonly labels: Float64Array;
  /** One or N. */
  readonly eta: Float64Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly innerSteps: number;
  readonly classes: number;
  readonly temperature: number;
}

type Matrix = number[][];

const rowsOf = (flat: Float64Array, width: number): Matrix =>
  Array.from({ length: flat.length / width }, (_, i) => [...flat.subarray(i * width, (i + 1) * width)]);
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((total, v, i) => total + v * b[i]!, 0);
const column = (m: Matrix, j: number): number[] => m.map(row => row[j]!);
const times = (a: Matrix, b: Matrix): Matrix => a.map(row => b[0]!.map((_, j) => dot(row, column(b, j))));
const transposed = (a: Matrix): Matrix => a[0]!.map((_, j) => column(a, j));
/** a + s·b. */
const plus = (a: Matrix, s: number, b: Matrix): Matrix =>
  a.map((row, i) => row.map((v, j) => v + s * b[i]![j]!));
const softmax = (z: readonly number[]): number[] => {
  const total = z.reduce((sum, v) => sum + Math.exp(v), 0);
  return z.map(v => Math.exp(v) / total);
};
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** ∂l/∂z for l = −(1/M) Σ y·log softmax z, labels free: (Σy · p − y)/M. */
const residual = (p: Matrix, y: Matrix): Matrix =>
  p.map((row, m) => row.map((v, k) => (sum(y[m]!) * v - y[m]![k]!) / p.length));

/** Loss and gradients, shaped as their arguments. */
export function logregGradient(
  problem: LogregProblem,
): Record<'loss' | 'dImages' | 'dEta' | 'dLabels', number[]> {
  const { classes, innerSteps, temperature: t } = problem;
  const features = problem.weights.length / classes - 1;
  const withOne = (flat: Float64Array): Matrix => rowsOf(flat, features).map(row => [...row, 1]);
  const [images, x] = [withOne(problem.images), withOne(problem.x)];
  const [labels, y] = [rowsOf(problem.labels, classes), rowsOf(problem.y, classes)];
  const eta = (k: number): number => problem.eta[problem.eta.length === 1 ? 0 : k]!;

  const w = [rowsOf(problem.weights, classes)];
  for (let k = 0; k < innerSteps; k++) {
    const p = times(images, w[k]!).map(softmax);
    w.push(plus(w[k]!, -eta(k), times(transposed(images), residual(p, labels))));
  }

  const p = times(x, w[innerSteps]!).map(z => softmax(z.map(value => value / t)));
  const loss = -sum(y.map((row, b) => dot(row, p[b]!.map(Math.log)))) / x.length;
  let v = times(transposed(x), residual(p, y)).map(row => row.map(value => value / t));

  let dImages: Matrix = images.map(row => row.map(() => 0));
  let dLabels: Matrix = labels.map(row => row.map(() => 0));
  const dEta = new Array<number>(innerSteps).fill(0);
  for (let k = innerSteps - 1; k >= 0; k--) {
    const probabilities = times(images, w[k]!).map(softmax);
    const r = residual(probabilities, labels);
    const q = times(images, v); // vᵀ ∇_w l = Σ r ⊙ q
    const u = q.map((row, m) => {
      const [pm, mean] = [probabilities[m]!, dot(row, probabilities[m]!)];
      return row.map((value, j) => (sum(labels[m]!) / images.length) * pm[j]! * (value - mean)); // (∂r/∂z)ᵀ q
    });
    dEta[k] = -sum(r.map((row, m) => dot(row, q[m]!)));
    dImages = plus(plus(dImages, -eta(k), times(r, transposed(v))), -eta(k), times(u, transposed(w[k]!)));
    const toLabels = q.map((row, m) =>
      row.map(value => (dot(row, probabilities[m]!) - value) / images.length),
    );
    dLabels = plus(dLabels, -eta(k), toLabels);
    v = plus(v, -eta(k), times(transposed(images), u));
  }
  return {
    loss: [loss],
    dImages: dImages.flatMap(row => row.slice(0, -1)),
    dEta: problem.eta.length === 1 ? [sum(dEta)] : dEta,
    dLabels: dLabels.flat(),
  };
}
