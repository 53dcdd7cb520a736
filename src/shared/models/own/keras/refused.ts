/** @file The Keras layers that can't be read though everybody knows them, each with the reason and what to use in its place. */

interface Refusal {
  /** Names with spaces between them. */
  readonly classes: string;
  /** Goes on from the name of the class. */
  readonly because: string;
  readonly fix: string;
}

export const refusals: readonly Refusal[] = [
  {
    classes: 'BatchNormalization SyncBatchNormalization',
    because: 'its running statistics make the net depend on more than its weights and a batch',
    fix: 'use GroupNormalization or LayerNormalization',
  },
  {
    classes:
      'SimpleRNN LSTM GRU RNN CuDNNLSTM CuDNNGRU ConvLSTM1D ConvLSTM2D ConvLSTM3D Bidirectional TimeDistributed StackedRNNCells',
    because: 'it is recurrent, and an image passes a net once',
    fix: 'use Conv2D or Dense',
  },
  {
    classes: 'Lambda TFOpLambda SlicingOpLambda',
    because: 'it is code, and code in a file is never run',
    fix: 'use layers that are known by name',
  },
  {
    classes: 'DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D',
    because: 'its kernels see one channel each',
    fix: 'use Conv2D, whose kernels see all',
  },
  {
    classes: 'Conv1DTranspose Conv2DTranspose Conv3DTranspose UpSampling1D UpSampling2D UpSampling3D',
    because: 'it enlarges maps, which a classifier has no need of',
    fix: 'use Conv2D and pooling',
  },
  {
    classes:
      'Conv1D Conv3D AveragePooling1D AveragePooling3D MaxPooling1D MaxPooling3D GlobalAveragePooling1D GlobalAveragePooling3D SpatialDropout1D SpatialDropout3D',
    because: 'images have two axes and channels',
    fix: 'use the layer whose name ends in 2D',
  },
  {
    classes: 'Embedding Hashing StringLookup IntegerLookup TextVectorization CategoryEncoding',
    because: 'it takes words or whole numbers, and pixels are neither',
    fix: 'begin with Conv2D or Flatten',
  },
  {
    classes: 'Add Subtract Multiply Average Maximum Minimum Concatenate Dot',
    because: 'it joins branches',
    fix: 'a net must be a plain chain of layers',
  },
  {
    classes: 'Attention AdditiveAttention MultiHeadAttention GroupQueryAttention',
    because: 'attention is none of the layers there are here',
    fix: 'use Conv2D or Dense',
  },
  {
    classes: 'ZeroPadding2D Cropping2D',
    because: 'borders are a matter of the convolution',
    fix: 'use Conv2D with padding "same" or "valid"',
  },
  {
    classes:
      'Rescaling Normalization Resizing CenterCrop RandomFlip RandomRotation RandomZoom RandomCrop RandomTranslation RandomContrast RandomBrightness',
    because: 'images are prepared before a net sees them',
    fix: 'leave it out',
  },
];

const byClass = new Map(refusals.flatMap(refusal => refusal.classes.split(' ').map(name => [name, refusal])));

/** Why the class can't be read and what to do; undefined for a class that is not among them. */
export const refusalOf = (className: string): Omit<Refusal, 'classes'> | undefined => byClass.get(className);
