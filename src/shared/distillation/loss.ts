/** @file The losses l of inner and outer problem. */
import { logSoftmax, mul, neg, scalar, sub, sumAll, type Tensor } from '../graph/index.ts';

/** A loss of logits z and labels y, both (B, K); mean over the B samples. */
type Loss = (logits: Tensor, labels: Tensor) => Tensor;

/** Softmax cross-entropy in nats: −(1/B) Σ y·log softmax z. Labels need not be one-hot, nor sum to one: learned ỹ are free. */
export const crossEntropy: Loss = (logits, labels) =>
  neg(mul(scalar(1 / logits.shape[0]!), sumAll(mul(labels, logSoftmax(logits)))));

/** Half the squared distance: (1/2B) Σ (z − y)². For a linear model the inner steps can then reach the optimum at once (Markov 2020, M ≥ D). */
export const squared: Loss = (logits, labels) => {
  const off = sub(logits, labels);
  return mul(scalar(1 / (2 * logits.shape[0]!)), sumAll(mul(off, off)));
};

/** All losses by the name under which a run asks for them. */
export const losses = { 'cross-entropy': crossEntropy, squared } as const satisfies Record<string, Loss>;
export type LossName = keyof typeof losses;

/** The outer loss l(z/T, y): with cross-entropy a temperature T > 1 takes the penalty off large logits and changes no prediction (docs/method.md). */
export const outerLoss = (logits: Tensor, labels: Tensor, temperature: number, loss: LossName): Tensor =>
  losses[loss](mul(scalar(1 / temperature), logits), labels);
