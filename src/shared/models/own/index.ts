/** @file Networks that a user brings: a file in, a list of layers out. */
export { type OwnLayer, ownLayer, withClasses } from './layerSpecs.ts';
export { misfit } from './misfit.ts';
export { type OwnModel, parseModel, readModel } from './ownModel.ts';
