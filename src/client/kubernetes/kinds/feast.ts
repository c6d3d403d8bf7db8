/** `feast.dev/v1`, else v1alpha1. */
import { readiness } from '../conditions';
import type { IFeatureStore } from '../generated/feast.v1';
import type { IKind } from '../kind';

export type { IFeatureStore };

export const featureStores: IKind<IFeatureStore> = {
  group: 'feast.dev',
  versions: ['v1', 'v1alpha1'],
  kind: 'FeatureStore',
  plural: 'featurestores',
  namespaced: true,
  health: store => {
    const found = readiness(store, 'FeatureStore');
    return store.status?.phase === 'Failed' ? { ...found, phase: 'failed' } : found;
  }
};
