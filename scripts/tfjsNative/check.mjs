/** @file Whether tfjs-node computes natively, as a program of its own: an unfit library may take its process along. Prints the version of libtensorflow. */
import { createRequire } from 'node:module';

process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
const require = createRequire(import.meta.url);
require('node:util').isNullOrUndefined ??= value => value == null; // Node 23 dropped them, tfjs-node 4.22.0 calls them
require('node:util').isArray ??= Array.isArray;
const tf = require('@tensorflow/tfjs-node');
const [product] = tf.matMul([[2]], [[3]]).dataSync();
if (tf.getBackend() !== 'tensorflow' || product !== 6)
  throw new Error(`2 · 3 = ${product} by ${tf.getBackend()}`);
console.log(tf.backend().binding.TF_Version);
