/** Where a version came from and where it runs, as a graph. Pure. */
import type { IArtifact, IModelVersion, IRegistryInferenceService } from '../../client/registry';
import type { IGraphDocument, IGraphNode } from '../../graph/schema';
import type { SourceKind } from '../../ui/registering';
import { modelArtifactOf, sourceOf } from './source';

/** The words of the graph. */
export type LineageWords = Record<SourceKind | 'data-set' | 'deployed' | 'undeployed', string>;

/** What a lineage is made of. */
export interface ILineage {
  /** The model's name. */
  model: string;
  version: IModelVersion;
  artifacts: readonly IArtifact[];
  /** Those that serve this version. */
  services: readonly IRegistryInferenceService[];
}

/** The ids of nodes, by which what they stand for is opened. */
export const SOURCE_NODE = 'source';
export const VERSION_NODE = 'version';
/** Before the id of an inference service. */
export const SERVICE_NODE = 'service-';

/** The graph: the source and data sets, the version, the inference services. */
export function lineageGraph(lineage: ILineage, words: LineageWords): IGraphDocument {
  const { model, version, artifacts, services } = lineage;
  const artifact = modelArtifactOf(artifacts);
  const source = sourceOf(version, artifact);
  const before: IGraphNode[] = [
    ...(source
      ? [
          {
            id: SOURCE_NODE,
            kind: source.kind === 'notebook' ? ('importer' as const) : ('runtime' as const),
            label: source.name,
            detail: source.kind === 'other' ? source.rawKind : words[source.kind]
          }
        ]
      : []),
    ...artifacts
      .filter(each => each.artifactType === 'dataset-artifact')
      .map(each => ({
        id: `data-${each.id}`,
        kind: 'artifact' as const,
        label: each.name ?? each.id,
        detail: words['data-set']
      }))
  ];
  const after: IGraphNode[] = services.map(service => ({
    id: `${SERVICE_NODE}${service.id}`,
    kind: 'service',
    label: nameOfService(service),
    detail: service.desiredState === 'UNDEPLOYED' ? words.undeployed : words.deployed
  }));
  const node: IGraphNode = {
    id: VERSION_NODE,
    kind: 'model',
    label: `${model} ${version.name}`,
    ...(artifact?.modelFormatName && {
      detail: [artifact.modelFormatName, artifact.modelFormatVersion].filter(Boolean).join(' ')
    })
  };
  return {
    version: 1,
    nodes: [...before, node, ...after],
    edges: [
      ...before.map(({ id }) => ({ id: `${id}-to-version`, from: id, to: VERSION_NODE })),
      ...after.map(({ id }) => ({ id: `version-to-${id}`, from: VERSION_NODE, to: id }))
    ]
  };
}

/** An inference service's name: KServe's controller of the registry writes `NAME/UID`. */
export function nameOfService({ name, id }: IRegistryInferenceService): string {
  return name?.replace(/\/[0-9a-f]{8}-[0-9a-f-]{27}$/, '') || id;
}
