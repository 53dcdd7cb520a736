/** @file Data sets: found or fetched, checked, and laid into shared memory. Start at load.ts. */
export { dataSetNames, type LoadOptions, loadDataSet } from './load.ts';
export { imageSizePattern } from './options.ts';
export { cacheDirectory, type Progress } from './sources.ts';
export type { DataSet, ImageSet, Normalisation } from './types.ts';
