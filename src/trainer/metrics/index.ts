/** Progress, metrics and use of resources of a TrainJob. */
export { type IMetricsTabProps, MetricsTab } from './metricsTab';
