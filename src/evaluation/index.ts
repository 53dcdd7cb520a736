/** @file What a distilled set is worth beside other images. Start at compare.ts. */
export { compared, type Scope } from './compare.ts';
export type { Comparison, Neighbours, Protocol, Row, RowName, Table } from './comparison.ts';
export { checkData, optionsOf, sizesOf, stateOf } from './ofSet.ts';
