/** Graph documents from the wire JSON of Kubeflow's APIs. */
export { SpecError } from './ir';
export { aggregate, graphFromRun } from './run';
export type { IRunGraphOptions, IRunInfo } from './run';
export { graphFromSpec } from './spec';
export { graphFromTrainJob } from './trainJob';
export type { ITrainJobParts } from './trainJob';
