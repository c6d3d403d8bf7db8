/** The kinds that the panels use. */
export * from './batch';
export * from './core';
export * from './feast';
export * from './katib';
export * from './kserve';
export * from './kueue';
export * from './leaderWorkerSet';
export * from './metrics';
export * from './trainer';
