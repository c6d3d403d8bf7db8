/** The Kubernetes client (docs/client.md). */
export * from './access';
export * from './apiResources';
export * from './cache';
export * from './client';
export * from './columns';
export * from './conditions';
export * from './discovery';
export * from './fieldErrors';
export type { IGeneratedApis, WireApi } from './generatedApis';
export * from './kind';
export * from './kinds';
export * from './listWatch';
export * from './object';
export * from './openApi';
export * from './podLog';
export * from './resource';
export * from './trainerReports';
export * from './watch';
