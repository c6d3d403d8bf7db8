/** The client layer: everything that another project may use (docs/client.md). */
export * from './connection';
export * from './direct';
export * from './errors';
export { encodeQuery, pathOf } from './http';
export * from './jupyter';
export * from './katib';
export * from './modelFiles';
export * from './paging';
export * from './pipelines';
export * from './pipelinesClient';
export * from './registry';
export type * from './registryFilter';
export * as registryFilter from './registryFilter';
export * from './registryClient';
export * as registryProperties from './registryProperties';
export * from './streams';
export * from './transport';
