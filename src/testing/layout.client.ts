// Jest has no module workers: the layout runs in place.
export { layoutGraph as layoutInWorker } from '../graph/layout';
