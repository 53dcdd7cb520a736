/** @file Wrong flags and files of options. */
import { join } from 'node:path';
import { type Cases, data, place, put, small } from './badInputGround.ts';

export const flags: Cases = {
  'an unknown flag': { args: ['--worker', '2'], says: ["'--worker'", 'Did you mean --workers?'] },
  'a flag without its value': { args: ['--steps'], says: ["'--steps <n>'", 'argument missing'] },
  'a mistyped command': { args: ['distil'], says: ["'distil'", 'did you mean distill?'] },
  'an argument too many': { args: ['distill', 'mnist'], says: ['too many arguments'] },
  'an unknown choice': { args: ['--init', 'xaver'], says: ['--init', "'xaver'", 'did you mean xavier?'] },
  'a word for a number': { args: ['--steps', 'many'], says: ['--steps', 'a number', '"many"'] },
  'a fraction': { args: ['--inner-steps', '2.5'], says: ['--inner-steps', 'whole number', '2.5'] },
  'a number out of range': { args: ['--workers', '0'], says: ['--workers', 'at least 1', 'found 0'] },
  'an infinite number': { args: ['--lr', 'Infinity'], says: ['--lr', 'found Infinity'] },
  'an unknown architecture': { args: ['--models', 'logrg:2'], says: ["'logrg'", 'did you mean logreg?'] },
  'a value of two lines': { args: ['--models', 'log\nreg'], says: ["'log reg'", 'did you mean logreg?'] },
  'an impossible ensemble': { args: ['--models', 'logreg:0'], says: ['--models', "'logreg:0'"] },
  'an unknown preset': { args: ['--preset', 'sauce'], says: ["'sauce'", 'did you mean source?'] },
  'steps and epochs': { args: ['--steps', '3', '--epochs', '1'], says: ['--epochs', 'found both'] },
  'a start outside the clamp': { args: ['--eta', '5'], says: ['--eta', '[0.00001, 1]', 'found 5'] },
  'a clamp upside down': {
    args: ['--eta-min', '0.5', '--eta-max', '0.1'],
    says: ['--eta-min', 'found 0.5'],
  },
  'a mini-batch where there is none': {
    args: ['--inner-batch', '5'],
    says: ['--inner-batch', "order 'random'", "'all'"],
  },
  'a mini-batch of more than all images': {
    args: [...small, '--order', 'random', '--inner-batch', '11'],
    says: ['innerBatch', 'at most 10', 'found 11'],
  },
  'half an attack': { args: ['--attack-from', '3'], says: ['--attack-from', '3 and none'] },
  'an attack on a class by itself': {
    args: ['--attack-from', '3', '--attack-to', '3'],
    says: ['--attack-from', 'two different classes', '3 and 3'],
  },
  'an attack on a class that is not there': {
    args: [...small, '--attack-from', '3', '--attack-to', '11'],
    says: ['attackTo', "'11'", 'did you mean 1?'],
  },
  'images that cannot be cut into steps': {
    args: [...small, '--order', 'steps', '--inner-steps', '3', '--images', '10'],
    says: ['images', 'a multiple of 3', 'found 10'],
  },
  'fewer images than classes with fixed labels': {
    args: [...small, '--images', '9', '--no-learn-labels'],
    says: ['images', 'at least 10', 'found 9', 'learn the labels'],
  },
  'trained networks, misspelt': {
    args: ['--init', 'pretained:trained.safetensors'],
    says: ['--init', 'pretrained:FILE'],
  },
  'trained networks of no file': { args: ['--init', 'pretrained:'], says: ['--init', 'pretrained:FILE'] },
  'an unknown order': { args: ['--order', 'step'], says: ['--order', "'step'", 'did you mean steps?'] },
  'a batch larger than the data': { args: [...small, '--batch-size', '301'], says: ['400', '301 + 100'] },
  'a kernel larger than the images': {
    args: [...small, '--models', 'conv', '--kernel', '9'],
    says: ['9×9', '8×8'],
  },
};

export const configFile: Cases = {
  'no such file': { args: ['--config', 'no.json'], says: ['no.json', 'no such file'] },
  'a directory that is no run': { args: ['--config', data], says: [data, 'config.json'] },
  'no JSON': { args: ['--config', put('a.json', '{"steps": 3')], says: ['a.json', 'expected JSON'] },
  'no object': {
    args: ['--config', put('b.json', '[1, 2]')],
    says: ['b.json', 'an object of options', '[1,2]'],
  },
  'an unknown option': {
    args: ['--config', put('c.json', '{"step": 3}')],
    says: ['c.json: step', 'did you mean steps?'],
  },
  'a wrong type': { args: ['--config', put('d.json', '{"steps": "3"}')], says: ['d.json: steps', '"3"'] },
  'too large a file': {
    args: ['--config', join(place, 'd.json'), '--config', put('e.json', ' '.repeat(1_000_001))],
    says: ['1000001 bytes'],
  },
};
