/** @file Networks: layers, architectures, flat weights and their random draws. */
export { type Distribution, drawWeights, type Initialisation, truncatedNormal } from './initialise.ts';
export type { Role } from './layers/layer.ts';
export { type LayerSpec, layers } from './layers.ts';
export { type ModelName, type ModelOptions, models } from './models.ts';
export {
  buildNet,
  flatten,
  forward,
  forwardFrom,
  multiplications,
  type Net,
  outputShapes,
  unflatten,
  type WeightSpec,
} from './net.ts';
