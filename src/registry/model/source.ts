/** What a model came from, as its artifact (`modelSource…`) or its version (`_registeredFrom…`, older) tells it. Pure. */
import type { IArtifact, IModelArtifact, IModelVersion } from '../../client/registry';
import type { IMadeBy, SourceKind } from '../../ui/registering';

/** Where a model came from, as the registry tells it. */
export interface ISource extends IMadeBy {
  /** What the registry calls its kind. */
  rawKind: string;
}

/**
 * How the registry calls what a model is made from. A run's is the word that other user interfaces look for; `pipelines` is read as well, since
 * the API's own example has it.
 */
export const SOURCE_KINDS: Readonly<Record<'run' | 'train-job' | 'trial' | 'notebook', string>> = {
  run: 'kfp',
  'train-job': 'trainer',
  trial: 'katib',
  notebook: 'notebook'
};

const KINDS: Readonly<Record<string, SourceKind>> = {
  kfp: 'run',
  pipelines: 'run',
  trainer: 'train-job',
  katib: 'trial',
  notebook: 'notebook',
  catalog: 'catalog'
};

/** The version's model artifact: the first one, as other clients take it. */
export function modelArtifactOf(artifacts: readonly IArtifact[]): IModelArtifact | undefined {
  return artifacts.find((each): each is IModelArtifact => each.artifactType === 'model-artifact');
}

/** Where a version came from; undefined where nothing tells it. */
export function sourceOf(
  version: IModelVersion,
  artifact: IModelArtifact | undefined
): ISource | undefined {
  const { modelSourceKind: rawKind, modelSourceId: id, modelSourceGroup: group } = artifact ?? {};
  if (artifact && rawKind) {
    return {
      kind: KINDS[rawKind] ?? 'other',
      rawKind,
      name: artifact.modelSourceName ?? id ?? rawKind,
      ...(id && { id }),
      ...(group && { namespace: group }),
      ...(artifact.modelSourceClass && { class: artifact.modelSourceClass })
    };
  }
  const text = (name: string) => {
    const value = version.customProperties?.[`_registeredFromPipeline${name}`];
    return value?.metadataType === 'MetadataStringValue' ? value.string_value : undefined;
  };
  const runId = text('RunId');
  const namespace = text('Project');
  return runId
    ? {
        kind: 'run',
        rawKind: 'kfp',
        name: text('RunName') ?? runId,
        id: runId,
        ...(namespace && { namespace })
      }
    : undefined;
}
