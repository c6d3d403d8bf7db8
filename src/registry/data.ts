/** What the tabs of models and versions show, live while it is on the screen. */
import type {
  IArtifact,
  IModelVersion,
  IRegisteredModel,
  IRegistryInferenceService,
  IServingEnvironment
} from '../client/registry';
import { type FilterQuery, where } from '../client/registryFilter';
import { everything } from '../client/paging';
import { LiveModel } from '../ui/live';
import type { RegistryContext } from './context';

/** Milliseconds between two reads. */
const INTERVAL = 10_000;
const PAGE = 200;

/** Where a version runs, as the registry knows it. */
export interface IDeployment {
  service: IRegistryInferenceService;
  /** Its serving environment, as a rule named after the namespace. */
  environment?: IServingEnvironment;
}

/** A model with where its versions run. */
export interface IModelData {
  model: IRegisteredModel;
  deployments: readonly IDeployment[];
}

/** A version with its model, its artifacts, and where it runs. */
export interface IVersionData {
  version: IModelVersion;
  model: IRegisteredModel;
  artifacts: readonly IArtifact[];
  deployments: readonly IDeployment[];
}

/** Follows a model. */
export function followModel(context: RegistryContext, id: string): LiveModel<IModelData> {
  const { client } = context;
  return new LiveModel({
    read: async (_, signal) => {
      const [model, deployments] = await Promise.all([
        client.registeredModels.get(id, signal),
        deploymentsOf(context, where('registeredModelId', '=', Number(id)), signal)
      ]);
      return { model, deployments };
    },
    interval: () => INTERVAL
  });
}

/** Follows a version. */
export function followVersion(context: RegistryContext, id: string): LiveModel<IVersionData> {
  const { client } = context;
  return new LiveModel({
    read: async (_, signal) => {
      const version = await client.modelVersions.get(id, signal);
      const modelId = version.registeredModelId;
      const [model, artifacts, deployments] = await Promise.all([
        client.registeredModels.get(modelId, signal),
        artifactsOf(context, id, signal),
        deploymentsOf(context, where('modelVersionId', '=', Number(id)), signal)
      ]);
      return { version, model, artifacts, deployments };
    },
    interval: () => INTERVAL
  });
}

/** All artifacts of a version, in the registry's own order. */
export function artifactsOf(
  { client }: RegistryContext,
  versionId: string,
  signal?: AbortSignal
): Promise<IArtifact[]> {
  const artifacts = client.artifactsOf(versionId);
  return everything({ pageSize: PAGE, signal }, page => artifacts.list(page));
}

async function deploymentsOf(
  { client }: RegistryContext,
  filterQuery: FilterQuery,
  signal: AbortSignal
): Promise<IDeployment[]> {
  const services = await everything({ pageSize: PAGE, signal, filterQuery }, page =>
    client.inferenceServices.list(page)
  );
  const ids = [...new Set(services.map(({ servingEnvironmentId }) => servingEnvironmentId))];
  const environments = new Map(
    await Promise.all(
      ids.map(
        async id =>
          [id, await client.servingEnvironments.get(id, signal).catch(() => undefined)] as const
      )
    )
  );
  return services.map(service => {
    const environment = environments.get(service.servingEnvironmentId);
    return { service, ...(environment && { environment }) };
  });
}
