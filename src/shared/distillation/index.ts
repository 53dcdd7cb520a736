/** @file The method of docs/method.md. Read step.ts first, then inner.ts and wayBack.ts. */
export { crossEntropy, outerLoss } from './loss.ts';
export { distillationStep, prediction, type Schedule, stepOutputs, trainingSteps } from './step.ts';
