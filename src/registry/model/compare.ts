/** What versions have in common and where they differ. Pure. */
import type { IArtifact, IModelVersion } from '../../client/registry';
import { labelsOf, propertiesOf } from './properties';

/** A version with its artifacts, where they have been read. */
export interface ICompared {
  version: IModelVersion;
  artifacts: readonly IArtifact[];
}

/** One line of a comparison: a value of each version, in their order; undefined where it has none. */
export interface IComparedRow {
  /** Unique; tells where the row belongs: `field:…`, `metric:…`, `property:…`. */
  id: string;
  label: string;
  values: readonly (string | number | undefined)[];
  /** Whether the versions differ in it. */
  differs: boolean;
}

/** The fields of a version and its model artifact that are compared, with their labels. */
export type FieldLabels = Record<
  'description' | 'author' | 'state' | 'created' | 'labels' | 'format' | 'uri',
  string
>;

/** Compares versions: their fields, then their metrics, then their properties, each by name. */
export function compareVersions(
  versions: readonly ICompared[],
  labels: FieldLabels
): IComparedRow[] {
  const row = (
    id: string,
    label: string,
    values: readonly (string | number | undefined)[]
  ): IComparedRow => ({ id, label, values, differs: new Set(values).size > 1 });
  const fields = (Object.keys(labels) as (keyof FieldLabels)[]).map(field =>
    row(
      `field:${field}`,
      labels[field],
      versions.map(each => fieldOf(each, field))
    )
  );
  const metrics = versions.map(metricsOf);
  const properties = versions.map(
    ({ version }) =>
      new Map(
        propertiesOf(version.customProperties).map(({ name, text, number }) => [
          name,
          number ?? text
        ])
      )
  );
  return [
    ...fields.filter(({ values }) => values.some(value => value !== undefined)),
    ...namesOf(metrics).map(name =>
      row(
        `metric:${name}`,
        name,
        metrics.map(each => each.get(name))
      )
    ),
    ...namesOf(properties).map(name =>
      row(
        `property:${name}`,
        name,
        properties.map(each => each.get(name))
      )
    )
  ];
}

function fieldOf({ version, artifacts }: ICompared, field: keyof FieldLabels): string | undefined {
  const model = artifacts.find(each => each.artifactType === 'model-artifact');
  const value = {
    description: version.description,
    author: version.author,
    state: version.state,
    created: version.createTimeSinceEpoch,
    labels: labelsOf(version.customProperties).join(', '),
    format: [model?.modelFormatName, model?.modelFormatVersion].filter(Boolean).join(' '),
    uri: model?.uri
  }[field];
  return value || undefined;
}

/** The last value of each metric. */
function metricsOf({ artifacts }: ICompared): Map<string, number> {
  const metrics = new Map<string, number>();
  for (const artifact of artifacts) {
    if (artifact.artifactType === 'metric' && artifact.name && artifact.value !== undefined) {
      metrics.set(artifact.name, artifact.value);
    }
  }
  return metrics;
}

function namesOf(all: readonly ReadonlyMap<string, unknown>[]): string[] {
  return [...new Set(all.flatMap(each => [...each.keys()]))].sort((one, other) =>
    one.localeCompare(other)
  );
}
