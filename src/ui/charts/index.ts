/** Charts of the panels: lines over time or steps. */
export * from './lineChart';
export * from './series';
export type { Unit } from './units';
