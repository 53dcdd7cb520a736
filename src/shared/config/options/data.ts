/** @file Options of the group 'data': which images, and how they are read. Rules in schema.ts. */
import { z } from 'zod';
import { imageSizePattern } from '../../data/options.ts';

const positive = z.number().positive();

export const dataOptions = {
  dataset: z.string().min(1).max(4096).default('mnist').meta({
    group: 'data',
    placeholder: 'DATA',
    description: 'mnist, fashion-mnist, cifar10, or a folder of class folders, .npz, .csv, .csv.gz',
  }),
  dataDir: z.string().min(1).optional().meta({
    group: 'data',
    placeholder: 'DIR',
    description: 'directory with the files of a named data set; else package, cache, download',
  }),
  labelColumn: z.string().min(1).max(200).optional().meta({
    group: 'data',
    placeholder: 'COLUMN',
    description:
      'column of the labels in a CSV: name, number from 0, first, last (label, class, target, y; last)',
  }),
  pixelMax: z
    .union([z.literal('auto'), positive.max(1e9)])
    .default('auto')
    .meta({
      group: 'data',
      description: 'value of white in a .csv or .npz; auto: 1, 16 or 255, the least that holds all pixels',
    }),
  testShare: z.number().min(0.01).max(0.9).default(0.2).meta({
    group: 'data',
    description: 'share of each class that is the test part, where the data have none',
  }),
  testData: z.string().min(1).max(4096).optional().meta({
    group: 'data',
    placeholder: 'PATH',
    description: 'test part in a second file or folder of the same kind',
  }),
  imageSize: z.string().regex(imageSizePattern, 'a size such as 28 or 28x20').optional().meta({
    group: 'data',
    placeholder: 'HxW',
    description: 'resize every image to this height and width',
  }),
  channels: z
    .literal([1, 3])
    .optional()
    .meta({ group: 'data', description: 'make all images grey or all coloured' }),
  validation: z.int().min(0).max(1_000_000).optional().meta({
    group: 'data',
    description: 'training images held out to choose the checkpoint (5000, at most a fifth of them)',
  }),
};
