/** @file The reference engine: float64, each primitive by its own definition. For checking the others; hundreds of times slower. */
import { evaluate, verify } from '../../shared/graph/index.ts';
import type { Engine } from './engine.ts';

export const reference: Engine = {
  name: 'reference',
  version: 'float64',
  native: false,
  compile: async graph => {
    verify(graph);
    return {
      run: async inputs =>
        evaluate(
          graph,
          inputs.map(values => Float64Array.from(values)),
        ),
    };
  },
};
