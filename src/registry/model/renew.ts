import type { IRegisteredModel, IRegistryClient } from '../../client/registry';
import { propertyOf } from '../../client/registryProperties';

/** Renews a model's time of change, by which lists are ordered: its versions are no part of it for the server. Other user interfaces do the same. */
export function renewModel(client: IRegistryClient, id: string): Promise<IRegisteredModel> {
  const _lastModified = propertyOf(new Date().toISOString());
  return client.registeredModels.changeProperties(id, { _lastModified });
}
