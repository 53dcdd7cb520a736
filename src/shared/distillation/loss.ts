/** @file The loss l of inner and outer problem. */
import { logSoftmax, mul, neg, scalar, sumAll, type Tensor } from '../graph/index.ts';

/** Softmax cross-entropy in nats, mean over the samples: −(1/B) Σ y·log softmax z, with logits z and labels y both (B, K). Labels need not be one-hot, nor sum
 *  to one: learned ỹ are free. */
export const crossEntropy = (logits: Tensor, labels: Tensor): Tensor =>
  neg(mul(scalar(1 / logits.shape[0]!), sumAll(mul(labels, logSoftmax(logits)))));

/** The outer loss CE(z/T, y): a temperature T > 1 takes the penalty off large logits and changes no prediction (docs/method.md). */
export const outerLoss = (logits: Tensor, labels: Tensor, temperature: number): Tensor =>
  crossEntropy(mul(scalar(1 / temperature), logits), labels);
