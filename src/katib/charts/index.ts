/** The charts of a tuning experiment, each a tab of its detail. */
export { CurvesTab } from './curvesTab';
export { ObjectiveTab } from './objectiveTab';
export { ParallelTab } from './parallelTab';
export type { IChartTabProps, ICurvesTabProps, IReading, ISeries } from './props';
