/**
 * Client of the Model Registry API v1alpha3 (`api/openapi/model-registry.yaml` of kubeflow/hub). Objects are as on the wire: fields in
 * camelCase, ids and times (milliseconds since the epoch) as texts, custom properties as `MetadataValue`. There is no deletion: what is not
 * wanted any more gets `state: 'ARCHIVED'`.
 */
import type * as wire from './generated/modelRegistry.v1alpha3';
import type { IPage } from './pipelines';
import type { FilterQuery } from './registryFilter';

export type {
  ArtifactCreate,
  ArtifactState,
  ArtifactUpdate,
  ExecutionState,
  ExperimentRunStatus,
  IExperimentRunCreate,
  IExperimentRunUpdate,
  IModelArtifactCreate,
  IModelArtifactUpdate,
  IModelVersionCreate,
  IModelVersionUpdate,
  IRegisteredModelCreate,
  IRegisteredModelUpdate,
  IServeModelCreate,
  IServingEnvironmentCreate,
  IServingEnvironmentUpdate,
  MetadataValue,
  OrderByField,
  ParameterType,
  SortOrder
} from './generated/modelRegistry.v1alpha3';
export type {
  ArtifactTypeQueryParam as ArtifactType,
  IExperimentCreate as IRegistryExperimentCreate,
  IExperimentUpdate as IRegistryExperimentUpdate,
  IInferenceServiceCreate as IRegistryInferenceServiceCreate,
  IInferenceServiceUpdate as IRegistryInferenceServiceUpdate
} from './generated/modelRegistry.v1alpha3';

/** An object as the registry answers it: it has its id and times. */
export type Registered<T> = T & {
  id: string;
  createTimeSinceEpoch: string;
  lastUpdateTimeSinceEpoch: string;
};

/** A model with its versions. */
export type IRegisteredModel = Registered<wire.IRegisteredModel>;
/** A version of a model; its files are its artifacts of type `model-artifact`. */
export type IModelVersion = Registered<wire.IModelVersion>;
/** What belongs to a version or a run of an experiment; `artifactType` tells which it is. */
export type IArtifact =
  IModelArtifact | IDocArtifact | IDataSetArtifact | IMetricArtifact | IParameterArtifact;
/** The files of a model: where they are (`uri`), in which format, and what they were made by (`modelSource…`). */
export type IModelArtifact = Registered<wire.IModelArtifact>;
export type IDocArtifact = Registered<wire.IDocArtifact>;
export type IDataSetArtifact = Registered<wire.IDataSet>;
export type IMetricArtifact = Registered<wire.IMetric>;
export type IParameterArtifact = Registered<wire.IParameter>;
/** The registry's record of a deployment: which version of which model it serves where. Not the object of KServe. */
export type IRegistryInferenceService = Registered<wire.IInferenceService>;
/** One act of serving a version by an inference service. */
export type IServeModel = Registered<wire.IServeModel>;
/** Where models are deployed, for example a namespace. */
export type IServingEnvironment = Registered<wire.IServingEnvironment>;
/** The registry's experiment, which has runs with metrics. Neither that of Pipelines nor that of Katib. */
export type IRegistryExperiment = Registered<wire.IExperiment>;
/** A run of an experiment; its metrics, parameters, data sets and models are artifacts. */
export type IExperimentRun = Registered<wire.IExperimentRun>;

/** Custom properties by name. A name may have any characters. */
export type CustomProperties = Record<string, wire.MetadataValue>;

/** How a list is to be read. */
export interface IRegistryListOptions {
  /** At most this many a page; the server's default (100 as a rule) when left out. */
  pageSize?: number;
  pageToken?: string;
  /** What is ordered by; the server's own order, by `ID`, when left out. */
  orderBy?: wire.OrderByField;
  /** `ASC` when left out. */
  sortOrder?: wire.SortOrder;
  /** Made by the functions of `registryFilter`. */
  filterQuery?: FilterQuery;
  signal?: AbortSignal;
}

/** How a list of artifacts is to be read. */
export interface IArtifactListOptions extends IRegistryListOptions {
  /** Artifacts of one type only. */
  artifactType?: wire.ArtifactTypeQueryParam;
}

/** How a metric's history is to be read. */
export interface IMetricHistoryOptions extends IRegistryListOptions {
  /** The metric; all of them when left out. */
  name?: string;
  /** The steps; all of them when left out. */
  stepIds?: readonly number[];
}

/** What finds one object: its name or the id that the client has given it. */
export interface IFindBy {
  name?: string;
  externalId?: string;
  /** The id of what it belongs to; a name is unique only within that (model of a version, version of an artifact …). */
  parentResourceId?: string;
}

/** Objects in the order of the server. */
export interface IRegistryList<T, O extends IRegistryListOptions = IRegistryListOptions> {
  list(options?: O): Promise<IPage<T>>;
  /** All pages of `list`, one after the other. */
  pages(options?: O): AsyncIterable<IPage<T>>;
}

/** Objects that belong to another one. Rejects with 404 where that is not there. */
export interface IRegistryChildren<
  T,
  C,
  O extends IRegistryListOptions = IRegistryListOptions
> extends IRegistryList<T, O> {
  /** Creates one that belongs to it. Rejects with 409 where the name or external id is taken (`isConflict`). */
  create(object: C): Promise<T>;
}

/** All objects of one type, whatever they belong to. */
export interface IRegistryCollection<
  T,
  C,
  U,
  O extends IRegistryListOptions = IRegistryListOptions
> extends IRegistryChildren<T, C, O> {
  get(id: string, signal?: AbortSignal): Promise<T>;
  /** The one that has the name or external id; `undefined` where none has. */
  find(by: IFindBy, signal?: AbortSignal): Promise<T | undefined>;
  /** Changes the fields that are given; names cannot be changed. `customProperties` replace all that there are: to change single ones, use `changeProperties`. */
  update(id: string, change: U): Promise<T>;
  /**
   * Sets single custom properties, and removes those given as `null`. The object is read just before, so that what others have set meanwhile
   * stays; the API has no way to rule out a change in between.
   */
  changeProperties(id: string, change: Record<string, wire.MetadataValue | null>): Promise<T>;
}

/** The operations of one registry. All reject with `ApiError`. */
export interface IRegistryClient {
  readonly registeredModels: IRegistryCollection<
    IRegisteredModel,
    wire.IRegisteredModelCreate,
    wire.IRegisteredModelUpdate
  >;
  readonly modelVersions: IRegistryCollection<
    IModelVersion,
    wire.IModelVersionCreate,
    wire.IModelVersionUpdate
  >;
  readonly artifacts: IRegistryCollection<
    IArtifact,
    wire.ArtifactCreate,
    wire.ArtifactUpdate,
    IArtifactListOptions
  >;
  readonly modelArtifacts: IRegistryCollection<
    IModelArtifact,
    wire.IModelArtifactCreate,
    wire.IModelArtifactUpdate
  >;
  readonly inferenceServices: IRegistryCollection<
    IRegistryInferenceService,
    wire.IInferenceServiceCreate,
    wire.IInferenceServiceUpdate
  >;
  readonly servingEnvironments: IRegistryCollection<
    IServingEnvironment,
    wire.IServingEnvironmentCreate,
    wire.IServingEnvironmentUpdate
  >;
  readonly experiments: IRegistryCollection<
    IRegistryExperiment,
    wire.IExperimentCreate,
    wire.IExperimentUpdate
  >;
  readonly experimentRuns: IRegistryCollection<
    IExperimentRun,
    wire.IExperimentRunCreate,
    wire.IExperimentRunUpdate
  >;

  versionsOf(
    registeredModelId: string
  ): IRegistryChildren<IModelVersion, Omit<wire.IModelVersionCreate, 'registeredModelId'>>;
  artifactsOf(
    modelVersionId: string
  ): IRegistryChildren<IArtifact, wire.ArtifactCreate, IArtifactListOptions>;
  /** Artifacts of a run of an experiment. A metric of the same name again is another value of it: see `metricHistory`. */
  runArtifactsOf(
    experimentRunId: string
  ): IRegistryChildren<IArtifact, wire.ArtifactCreate, IArtifactListOptions>;
  runsOf(
    experimentId: string
  ): IRegistryChildren<IExperimentRun, Omit<wire.IExperimentRunCreate, 'experimentId'>>;
  servicesOf(
    servingEnvironmentId: string
  ): IRegistryChildren<
    IRegistryInferenceService,
    Omit<wire.IInferenceServiceCreate, 'servingEnvironmentId'>
  >;
  servesOf(inferenceServiceId: string): IRegistryChildren<IServeModel, wire.IServeModelCreate>;
  /** The model that an inference service serves. */
  modelOf(inferenceServiceId: string, signal?: AbortSignal): Promise<IRegisteredModel>;
  /** The version that an inference service serves: the newest of its model where none is named. */
  versionOf(inferenceServiceId: string, signal?: AbortSignal): Promise<IModelVersion>;
  /** Every value that the metrics of a run have had; those of all runs without a run's id. */
  metricHistory(experimentRunId?: string): IRegistryList<IMetricArtifact, IMetricHistoryOptions>;
}
