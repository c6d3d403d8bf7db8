/** Registers a version of a model: the model, where there is none of its name yet, the version, and its artifact. */
import { isConflict } from '../../client/errors';
import type {
  CustomProperties,
  IModelArtifactCreate,
  IModelVersion,
  IRegisteredModel,
  IRegistryClient
} from '../../client/registry';
import { LABEL } from '../../client/registryProperties';
import { renewModel } from '../model/renew';
import { modelArtifactOf } from '../model/source';

/** What is registered. */
export interface IRegistration {
  model: string;
  version: string;
  description: string;
  author: string;
  labels: readonly string[];
  /** Of the version. */
  properties: CustomProperties;
  artifact: Omit<IModelArtifactCreate, 'artifactType' | 'name' | 'state'>;
}

/** The version is there already, with files of its own. */
export class VersionExists extends Error {}

/** The model is in the archive, where it takes no further version. */
export class ModelArchived extends Error {}

/**
 * Does it, step by step. Nothing can be deleted in a registry: what an earlier try has made before it failed is taken up, so trying again
 * goes on where that ended.
 * @throws `VersionExists`, `ModelArchived`, and the registry's `ApiError`
 */
export async function register(
  client: IRegistryClient,
  registration: IRegistration
): Promise<{ model: IRegisteredModel; version: IModelVersion }> {
  const { author } = registration;
  const owner = author ? { owner: author } : {};
  const model = await findOrCreate(
    () => client.registeredModels.find({ name: registration.model }),
    () => client.registeredModels.create({ name: registration.model, state: 'LIVE', ...owner })
  );
  if (model.state === 'ARCHIVED') {
    throw new ModelArchived();
  }
  const versions = client.versionsOf(model.id);
  const version = await findOrCreate(
    () => client.modelVersions.find({ name: registration.version, parentResourceId: model.id }),
    () =>
      versions.create({
        name: registration.version,
        state: 'LIVE',
        ...(author && { author }),
        ...(registration.description && { description: registration.description }),
        customProperties: {
          ...Object.fromEntries(registration.labels.map(label => [label, LABEL])),
          ...registration.properties
        }
      })
  );
  const artifacts = client.artifactsOf(version.id);
  if (modelArtifactOf((await artifacts.list({ pageSize: 100 })).items)) {
    throw new VersionExists();
  }
  await artifacts.create({
    ...registration.artifact,
    artifactType: 'model-artifact',
    // The Python client looks for the artifact of a version by the model's name.
    name: registration.model,
    state: 'LIVE'
  });
  const renewed = await renewModel(client, model.id);
  return { model: renewed, version };
}

/** Somebody else may create it between the look and the creation. */
async function findOrCreate<T>(
  find: () => Promise<T | undefined>,
  create: () => Promise<T>
): Promise<T> {
  const there = await find();
  if (there) {
    return there;
  }
  try {
    return await create();
  } catch (error) {
    const made = isConflict(error) ? await find() : undefined;
    if (made) {
      return made;
    }
    throw error;
  }
}
