import { expect, test } from 'vitest';
import { prediction } from '../../../../src/shared/distillation/index.ts';
import { evaluate } from '../../../../src/shared/graph/index.ts';
import { buildNet } from '../../../../src/shared/models/index.ts';
import { parseModel, withClasses } from '../../../../src/shared/models/own/index.ts';
import logits from './fixtures/logits.json' with { type: 'json' };
import { type Fixture, fixtureText } from './writing.ts';

/** What Keras 3.15.1 gives for its own files: weight i of the flat vector is 0.3·sin(i + 1), pixel i of the image cos i, both rounded to float32; the softmax
 *  at the end, where there is one, is left out. */
const golden: [Fixture, { imageShape: number[]; logits: number[] }][] = [
  ['zoo.keras3.json', logits['zoo.keras3.json']],
  ['chain.keras3.json', logits['chain.keras3.json']],
  ['chain.keras2.json', logits['chain.keras3.json']],
  ['lenet.keras3.json', logits['lenet.keras3.json']],
  ['lenet.tfjs.json', logits['lenet.keras3.json']],
  ['lenet.layers.json', logits['lenet.keras3.json']],
];

test.each(golden)('%s computes what Keras computes', (name, { imageShape, logits }) => {
  const { layers } = parseModel(fixtureText(name), name);
  const net = buildNet(name, withClasses(layers, logits.length), imageShape);
  const weights = Float64Array.from({ length: net.weightCount }, (_, i) =>
    Math.fround(0.3 * Math.sin(i + 1)),
  );
  const pixels = imageShape.reduce((a, b) => a * b, 1);
  const image = Float64Array.from({ length: pixels }, (_, i) => Math.fround(Math.cos(i)));
  const [own] = evaluate(prediction(net, 1), [weights, image]);
  const scale = Math.max(...logits.map(Math.abs));
  expect(own).toHaveLength(logits.length);
  for (const [i, logit] of logits.entries()) expect(Math.abs(own![i]! - logit) / scale).toBeLessThan(1e-5);
});
