/** @file Pictures of a run and of what it made, out of plain numbers. Knows no graph, engine or transport. */
export { type ChartInput, type ChartPoint, lossChart } from './lossChart.ts';
export { imageSheet, type SheetInput } from './sheet.ts';
