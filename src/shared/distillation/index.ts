/** @file The method of docs/method.md. Read step.ts first, then inner.ts and wayBack.ts. */
export { crossEntropy, type LossName, losses, outerLoss } from './loss.ts';
export { type Columns, layerCount, layerNames, type Order, paceShape, type Schedule } from './schedule.ts';
export { distillationStep, prediction, type StepInput, stepOutputs, trainingSteps } from './step.ts';
export { momentumSteps, type TrainingInput, type TrainingSizes } from './training.ts';
