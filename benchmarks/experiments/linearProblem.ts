/** @file The statement M ≥ D of Markov 2020 as a problem that can be solved on paper: a linear model with squared loss on 8×8 images (D = 64), one inner step.
 *  In: images and labels. Out: the excess of a distilled set over the optimum, exactly, and the least excess that M images can reach.
 *
 *  With C = XᵀX/n and w* the optimum, l(w) − l(w*) = ½ tr (w − w*)ᵀ C (w − w*). One step on (x̃, ỹ) gives w_1 = R w_0 + b with R = I − η̃ x̃ᵀx̃/M and b = η̃ x̃ᵀỹ/M.
 *  For w_0 ~ normal(0, σ²) the expected excess is ½ (K σ² tr Rᵀ C R + tr (b − w*)ᵀ C (b − w*)): zero for every w_0 only if R = 0 wherever C is not, so x̃ must span
 *  all D directions. M < D images leave at least the D − M cheapest directions of C as they are.                                                             */

import type { DistilledSet } from 'distill-cluster';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

export interface LinearProblem {
  /** (D, D). */
  readonly covariance: Matrix;
  /** (D, K). */
  readonly optimum: Matrix;
}

/** The problem of images x (n, D), in the space that the model sees, and one-hot labels of K classes. */
export function linearProblem(
  x: Float32Array,
  d: number,
  labels: ArrayLike<number>,
  classes: number,
): LinearProblem {
  const n = labels.length;
  const covariance = Matrix.zeros(d, d);
  const cross = Matrix.zeros(d, classes);
  for (let i = 0; i < n; i++) {
    const row = x.subarray(i * d, (i + 1) * d);
    for (let a = 0; a < d; a++) {
      cross.set(a, labels[i]!, cross.get(a, labels[i]!) + row[a]! / n);
      for (let b = 0; b < d; b++) covariance.set(a, b, covariance.get(a, b) + (row[a]! * row[b]!) / n);
    }
  }
  const { values, vectors } = eigen(covariance);
  const inverse = values.map(v => (v > 1e-9 * values[0]! ? 1 / v : 0)); // pixels that never change have no say
  const optimum = vectors.mmul(Matrix.diag(inverse)).mmul(vectors.transpose()).mmul(cross);
  return { covariance, optimum };
}

/** Expected excess loss after one step from w_0 ~ normal(0, σ²). */
export function excess({ covariance, optimum }: LinearProblem, set: LinearSet, sigma: number): number {
  const { left, constant } = oneStep(set);
  const off = Matrix.sub(constant, optimum);
  const spread = left.transpose().mmul(covariance).mmul(left).trace();
  const bias = off.transpose().mmul(covariance).mmul(off).trace();
  return (optimum.columns * sigma ** 2 * spread + bias) / 2;
}

/** The least excess that M images can reach: the M dearest directions are set right, the others stay as w_0 left them. */
export function leastExcess({ covariance, optimum }: LinearProblem, m: number, sigma: number): number {
  const { values, vectors } = eigen(covariance);
  const along = vectors.transpose().mmul(optimum);
  const costs = values.map((v, i) => {
    const size = along.getRow(i).reduce((total, w) => total + w ** 2, 0);
    return (Math.max(0, v) * (optimum.columns * sigma ** 2 + size)) / 2;
  });
  return costs
    .sort((a, b) => b - a)
    .slice(m)
    .reduce((a, b) => a + b, 0);
}

/** A distilled set as matrices: x̃ (M, D) in the model's space, ỹ (M, K), η̃. */
export interface LinearSet {
  readonly images: Matrix;
  readonly labels: Matrix;
  readonly eta: number;
}

/** M = D images on paper: x̃ = √(M/η̃) I and ỹ = x̃ w* give R = 0 and b = w*. */
export function constructed({ optimum }: LinearProblem, eta: number): LinearSet {
  const d = optimum.rows;
  const images = Matrix.eye(d, d).mul(Math.sqrt(d / eta));
  return { images, labels: images.mmul(optimum), eta };
}

/** w_1 = left · w_0 + constant. */
export function oneStep({ images, labels, eta }: LinearSet): { left: Matrix; constant: Matrix } {
  const [m, d] = [images.rows, images.columns];
  const left = Matrix.sub(
    Matrix.eye(d, d),
    images
      .transpose()
      .mmul(images)
      .mul(eta / m),
  );
  return {
    left,
    constant: images
      .transpose()
      .mmul(labels)
      .mul(eta / m),
  };
}

/** The matrices of a distilled set with one η̃. */
export function linearSet({
  images,
  labels,
  eta,
  imageShape,
  classNames,
  normalisation,
}: DistilledSet): LinearSet {
  const d = imageShape[0] * imageShape[1];
  const m = images.length / d;
  const [mean, std] = [normalisation.mean[0]!, normalisation.std[0]!];
  const rows = (values: Float32Array, width: number): Matrix => Matrix.from1DArray(m, width, [...values]);
  return {
    images: rows(images, d).sub(mean).div(std),
    labels: rows(labels, classNames.length),
    eta: eta[0]!,
  };
}

/** Eigenvalues, greatest first, and eigenvectors as columns. */
function eigen(matrix: Matrix): { values: number[]; vectors: Matrix } {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  return {
    values: order.map(i => realEigenvalues[i]!),
    vectors: eigenvectorMatrix.subMatrixColumn(order),
  };
}
