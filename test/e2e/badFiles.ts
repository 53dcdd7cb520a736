/** @file Wrong data files, output directories and distilled sets, and tasks that are not there. */
import { join } from 'node:path';
import { encodeIdx, idxSet } from '../fixtures/idx.ts';
import { smallSizes } from '../fixtures/runs.ts';
import { shutServer } from '../shared/data/scratch.ts';
import {
  aFile,
  type Cases,
  damaged,
  fullDirectory,
  gzipped,
  place,
  put,
  set,
  setFile,
  small,
  testImages,
  trainImages,
  trainLabels,
  whole,
} from './badInputGround.ts';

const nobody = await shutServer();
const flipped = Uint8Array.from(set, (byte, i) => (i === set.length - 9 ? byte ^ 1 : byte));

export const dataFiles: Cases = {
  'no such directory': { args: ['--data-dir', 'nowhere'], says: ['nowhere', 'no such directory'] },
  'no such files': { args: ['--data-dir', fullDirectory], says: ['full', 'none of them'] },
  'one file missing': {
    args: damaged('missing', { [trainLabels]: undefined }),
    says: [`no ${trainLabels}`],
  },
  'a wrong magic number': {
    args: damaged('magic', { [trainImages]: whole[trainLabels] }),
    says: [trainImages, '0x00000801', 'labels'],
  },
  'a truncated file': {
    args: damaged('short', { [trainImages]: whole[trainImages]!.subarray(0, 5000) }),
    says: [trainImages, '25616', '5000 bytes'],
  },
  'a file with something behind it': {
    args: damaged('long', { [trainLabels]: Buffer.concat([whole[trainLabels]!, Buffer.alloc(3)]) }),
    says: [trainLabels, '411 bytes'],
  },
  'an empty file': {
    args: damaged('empty', { [trainLabels]: new Uint8Array() }),
    says: [trainLabels, '0 bytes'],
  },
  'a label out of range': {
    args: damaged('label', { [trainLabels]: encodeIdx([400], new Array(400).fill(11)) }),
    says: [trainLabels, '11 at index 0'],
  },
  'more images than labels': {
    args: damaged('count', { [trainLabels]: encodeIdx([399], new Array(399).fill(1)) }),
    says: [trainLabels, '400 labels', 'found 399'],
  },
  'other images for the test': {
    args: damaged('other', { [testImages]: idxSet({ ...smallSizes, width: 9 })[testImages] }),
    says: [testImages, '8×8', '8×9'],
  },
  'a damaged gzip file': {
    args: damaged('gzip', { [trainImages]: gzipped.subarray(0, gzipped.length - 400) }),
    says: [trainImages, 'gzip', 'unexpected end of file'],
  },
  'an unreachable download': {
    args: ['--dataset', 'fashion-mnist'],
    says: [nobody.url, 'ECONNREFUSED', '--data-dir'],
    env: { DISTILL_CLUSTER_MIRROR: nobody.url, DISTILL_CLUSTER_CACHE: join(place, 'cache') },
  },
  'a mirror that is no URL': {
    args: ['--dataset', 'fashion-mnist'],
    says: ['DISTILL_CLUSTER_MIRROR', "'ftp:here'"],
    env: { DISTILL_CLUSTER_MIRROR: 'ftp:here', DISTILL_CLUSTER_CACHE: join(place, 'cache') },
  },
};

export const outputDirectory: Cases = {
  'files in it': {
    args: [...small, '--out', fullDirectory],
    says: [fullDirectory, '1 files in it', '--force'],
  },
  'a file': { args: [...small, '--out', aFile], says: [aFile, 'a file'] },
  'below a file': { args: [...small, '--out', join(aFile, 'out')], says: [aFile, 'ENOTDIR'] },
};

export const otherCommands: Cases = {
  'evaluate: no set named': { args: ['evaluate'], says: ["argument 'SET'"] },
  'evaluate: no such file': { args: ['evaluate', 'no.safetensors'], says: ['no.safetensors'] },
  'evaluate: no set': { args: ['evaluate', aFile], says: [aFile] },
  'evaluate: half a set': {
    args: ['evaluate', put('half.safetensors', set.subarray(0, 2000))],
    says: ['half.safetensors'],
  },
  'evaluate: a set with a flipped bit': {
    args: ['evaluate', put('bit.safetensors', flipped)],
    says: ['bit.safetensors', 'sha256'],
  },
  'evaluate: a set of other images': { args: ['evaluate', setFile], says: ['8×8×1', '28×28×1'] },
  'reproduce: a step beyond the last': {
    args: ['reproduce', ...small, '--steps', '4', '--step', '4'],
    says: ['step', '0 to 3', 'found 4'],
  },
  'reproduce: a step that is none': {
    args: ['reproduce', ...small, '--step', 'last'],
    says: ['--step', "'last'"],
  },
  'reproduce: a step before the first': {
    args: ['reproduce', ...small, '--step', '-1'],
    says: ['--step', "'-1'"],
  },
  'reproduce: no such member': {
    args: ['reproduce', ...small, '--models', 'logreg:2', '--member', '2'],
    says: ['member', '0 to 1', 'found 2'],
  },
  'reproduce: an unknown engine': {
    args: ['reproduce', ...small, '--engine', 'onx'],
    says: ["'onx'", 'did you mean onnx?'],
  },
  'reproduce: nowhere to write': {
    args: ['reproduce', ...small, '--out', join(aFile, 'task.npz')],
    says: [aFile],
  },
};
